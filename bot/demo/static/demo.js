// The page around the phones: the clock, the bot's switch, the steps, and the one stream of events.

import { Phone } from './phone.js'
import { button, day, hour, icon, isoDay, longDay, make, moment, opens, post } from './words.js'

const DAY_MS = 24 * 60 * 60 * 1000
const MORNING = '08:00'
const MOST_DEADLINES = 6

const $ = (selector) => document.querySelector(selector)
const phones = new Map()
let demo = { phones: [], deadlines: [], running: true }
let ahead = 0 // milliseconds from this machine's clock to the demo's
let current = null // the phone shown where there is room for one
let live = false // false while the past is replayed

// The one stream: browsers allow six connections to a place, and each phone would take one

function listen() {
  const after = [...phones].map(([id, phone]) => `${id}.${phone.last}`).join('-')
  const stream = new EventSource(`/demo/events?after=${after}`)
  stream.addEventListener('message', ({ data }) => take(JSON.parse(data)))
  stream.addEventListener('error', () => {
    stream.close()
    notice('Mất liên lạc với buổi trình diễn. Đang thử lại…', true)
    setTimeout(listen, 1000)
  })
}

/** told: {demo}, {phone, number, event} or {live: true} after what was already there. */
function take(told) {
  if (told.demo) takeDemo(told.demo)
  if (told.event) phones.get(told.phone)?.hear(told.number, told.event)
  if (told.live) becomeLive()
}

function takeDemo(news) {
  if (demo.session && demo.session !== news.session) return location.reload()
  demo = news
  ahead = Date.parse(news.clock) - Date.now()
  for (const info of news.phones) showPhone(info)
  tick()
  drawBot()
}

function becomeLive() {
  live = true
  document.body.dataset.ready = 'yes'
}

// The phones

function showPhone(info) {
  const told = { ...info, bot: demo.bot }
  if (phones.has(info.id)) return phones.get(info.id).tell(told)
  const phone = new Phone(told, page)
  phones.set(info.id, phone)
  $('#new-phone').before(phone.root)
  choose(current ?? phone)
  if (live) call(phone)
  return phone
}

const page = {
  live: () => live,

  heard(phone, event) {
    if (event.type === 'message' && live && phone !== current && event.message.from === 'bot') phone.unread += 1
    drawTabs()
    progress(phone, event)
  },

  askContact(phone) {
    const dialog = $('#contact-dialog')
    dialog.querySelector('.number').textContent = phone.info.number
    $('#share').onclick = () => { dialog.close(); phone.shareContact() }
    dialog.showModal()
  },

  viewer(file) {
    const dialog = $('#viewer')
    Object.assign(dialog.querySelector('img'), { src: file.url, alt: file.name })
    dialog.showModal()
  },

  /** A link to this very bot opens on one of the phones. True if it is such a link. */
  openLink(url, from) {
    const code = /^(?:https?:\/\/t(?:elegram)?\.me\/|tg:\/\/resolve)\S*[?&]start=([\w-]+)/.exec(url)?.[1]
    if (code) chooseWhere(code, from)
    return Boolean(code)
  },
}

function chooseWhere(code, from) {
  const dialog = $('#link-dialog')
  const others = [...phones.values()].sort((one, other) => (one === from) - (other === from))
  dialog.querySelector('.choices').replaceChildren(...others.map((phone) => {
    const choice = button('', make('b', '', phone.info.name), make('small', '', phone.info.place ?? ''))
    choice.addEventListener('click', () => {
      dialog.close()
      call(phone)
      phone.start(code)
    })
    return choice
  }))
  dialog.showModal()
}

function choose(phone) {
  current = phone
  phone.unread = 0
  for (const one of phones.values()) one.root.classList.toggle('current', one === phone)
  phone.toEnd()
  drawTabs()
  $('#tabs [aria-selected=true]').scrollIntoView({ block: 'nearest', inline: 'nearest' })
}

/** Brings a phone into sight. */
function call(phone) {
  choose(phone)
  phone.root.scrollIntoView({ behavior: 'smooth', inline: 'nearest', block: 'nearest' })
  phone.root.classList.remove('called')
  requestAnimationFrame(() => phone.root.classList.add('called'))
}

function drawTabs() {
  const add = button('add', icon('plus'))
  add.setAttribute('aria-label', 'Điện thoại mới')
  add.addEventListener('click', askName)
  const focused = $('#tabs').contains(document.activeElement)
  $('#tabs').replaceChildren(...[...phones.values()].map(tab), add)
  if (focused) $('#tabs [aria-selected=true]')?.focus()
}

function tab(phone) {
  const one = button('', phone.info.short ?? phone.info.name)
  one.id = `tab-${phone.info.id}`
  one.setAttribute('role', 'tab')
  one.setAttribute('aria-controls', phone.root.id)
  one.setAttribute('aria-selected', String(phone === current))
  if (phone.unread) {
    const count = make('span', 'count', String(phone.unread))
    count.setAttribute('aria-label', `${phone.unread} tin mới`)
    one.append(count)
  }
  one.addEventListener('click', () => choose(phone))
  return one
}

$('#tabs').addEventListener('keydown', (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (!step) return
  const all = [...phones.values()]
  choose(all.at((all.indexOf(current) + step) % all.length))
})

function askName() {
  const dialog = $('#phone-dialog')
  dialog.querySelector('form').reset()
  dialog.showModal()
}

$('#new-phone').addEventListener('click', askName)
$('#phone-dialog form').addEventListener('submit', ({ target }) => {
  attempt(post('/phones', { name: target.elements.name.value.trim() }))
})

// The clock

const now = () => new Date(Date.now() + ahead)

function tick() {
  const moment = now()
  $('.now .hour').textContent = hour(moment)
  $('.now .day').textContent = longDay(moment)
  for (const phone of phones.values()) phone.find('.owner .hour').textContent = hour(moment)
}

async function jump(to) {
  const news = await attempt(post('/demo/clock', to))
  if (!news) return
  takeDemo(news)
  done('time')
  $('.now').classList.remove('moved')
  requestAnimationFrame(() => $('.now').classList.add('moved'))
}

$('[data-jump]').addEventListener('click', () => jump({ jump: 'next_morning' }))
$('#to-day').addEventListener('click', () => {
  const fields = $('#day-dialog form').elements
  fields.day.min = isoDay(now())
  fields.day.value = isoDay(new Date(now().getTime() + DAY_MS))
  spellDay()
  $('#day-dialog').showModal()
})
$('#day-dialog form').addEventListener('input', spellDay)
$('#day-dialog form').addEventListener('submit', ({ target: { elements } }) => {
  jump({ to: moment(elements.day.value, elements.hour.value).toISOString() })
})

/** The chosen day in words, as a browser may show the field month first. */
function spellDay() {
  const { day: { value }, hour: { value: time } } = $('#day-dialog form').elements
  $('#day-dialog output').textContent = value && time ? `${time} ${longDay(moment(value, time))}. ` : ''
}

const dueMenu = $('#due-menu')
opens($('#before-due'), dueMenu, () => {
  const place = $('#before-due').getBoundingClientRect()
  dueMenu.style.top = `${place.bottom + 6}px`
  dueMenu.style.left = `${Math.max(8, Math.min(place.left, innerWidth - 290))}px`
  const ahead = demo.deadlines.map(threeDaysBefore).filter(({ to }) => to > now())
  dueMenu.replaceChildren(...ahead.slice(0, MOST_DEADLINES).map(dueItem))
  if (!ahead.length) dueMenu.append(make('p', '', 'Không còn hạn nào ở phía trước.'))
})

function threeDaysBefore(due) {
  const eve = new Date(moment(due, MORNING).getTime() - 3 * DAY_MS)
  return { due: moment(due, MORNING), to: eve }
}

function dueItem({ due, to }) {
  const item = button('', make('span', '', make('b', '', `Hạn ${day(due)}`), make('small', '', `tua đến ${hour(to)} ${longDay(to)}`)))
  item.setAttribute('role', 'menuitem')
  item.addEventListener('click', () => jump({ to: to.toISOString() }))
  return item
}

setInterval(tick, 1000)

// The bot: running, stopped, or its plug pulled

async function turn(running, pull = false) {
  for (const one of [$('#switch'), $('#pull')]) one.disabled = true
  $('#switch').classList.add('busy')
  const news = await attempt(post('/demo/bot', { running, pull }))
  if (news) takeDemo(news)
  drawBot()
  if (!running) done('time')
}

function drawBot() {
  const { running, ready, unanswered = 0 } = demo
  const power = $('#switch')
  power.classList.toggle('on', running)
  power.classList.toggle('busy', running && !ready)
  power.disabled = !demo.prepared
  power.querySelector('.words').textContent = !demo.prepared ? 'Chờ chút…' : running ? 'Tắt bot' : 'Bật bot'
  $('#pull').disabled = !running || !demo.prepared
  for (const one of document.querySelectorAll('.jumps button')) one.disabled = !demo.prepared
  const waiting = $('#waiting')
  waiting.textContent = unanswered ? `${unanswered} tin chờ bot` : 'Đã trả lời hết'
  waiting.classList.toggle('some', unanswered > 0)
  drawNotice(running, ready, unanswered)
}

function drawNotice(running, ready, unanswered) {
  if (demo.trouble) return notice(demo.trouble, true)
  if (!demo.prepared) return notice(`Đang chuẩn bị: ${demo.step ?? ''}…`)
  if (running) return notice(ready ? '' : 'Bot đang khởi động…')
  const kept = unanswered ? `${unanswered} tin đang được giữ` : 'mọi tin đều được giữ lại'
  return notice(`Bot đang tắt. Cứ nhắn tiếp: ${kept}, bật lên bot sẽ trả lời đủ.`)
}

function notice(text, bad = false) {
  const line = $('#notice')
  line.hidden = !text
  line.classList.toggle('bad', bad)
  if (line.textContent !== text) line.textContent = text
}

$('#switch').addEventListener('click', () => turn(!demo.running))
$('#pull').addEventListener('click', () => turn(false, true))

// The three steps

const STEPS = {
  office: () => call([...phones.values()].find((phone) => phone.info.office)),
  school: () => call([...phones.values()].find((phone) => !phone.info.office)),
  time: () => $('#before-due').click(),
}

function progress(phone, event) {
  if (event.type !== 'message' || event.message.from !== 'me') return
  if (phone.info.office) done('office')
  else if (event.message.files?.length) done('school')
}

function done(step) {
  $(`[data-step=${step}]`).classList.add('done')
  const next = $('[data-step]:not(.done)')
  const row = $('#intro ol')
  if (next) row.scrollTo({ left: next.offsetLeft - row.offsetLeft, behavior: 'smooth' })
}

for (const [step, show] of Object.entries(STEPS)) {
  $(`[data-step=${step}] button`).addEventListener('click', (event) => {
    event.stopPropagation()
    if (phones.size) show()
  })
}

const showIntro = (shown) => {
  $('#intro').hidden = !shown
  sessionStorage.setItem('intro', shown ? 'shown' : 'hidden')
}
$('#hide-intro').addEventListener('click', () => showIntro(false))
$('#help').addEventListener('click', () => showIntro($('#intro').hidden))
showIntro(sessionStorage.getItem('intro') !== 'hidden')

// Dialogs

for (const dialog of document.querySelectorAll('dialog')) {
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog || event.target.closest('[data-close]')) dialog.close()
  })
}

/** The promise's value, or null after its trouble was shown. */
async function attempt(promise) {
  try {
    return await promise
  } catch (error) {
    notice(error.message, true)
    return null
  }
}

listen()
