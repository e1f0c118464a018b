// One phone: its talk with the bot, and everything its person can do.

import * as samples from './samples.js'
import { button, extension, hour, icon, longDay, day, make, opens, post, size } from './words.js'

const TOAST_MS = 3200
const TYPING_MS = 5000
const NEAR_END_PX = 90
const LONGEST_SIDE_PX = 2560 // as messengers shrink photos before they send them
const SHOWN = /^image\/(jpeg|png|webp|gif|bmp)$/ // what a browser can read

export class Phone {
  /**
   * info: {id, name, place, office, number, invitation: {code, role, unit} | null, hint}
   * page: {openLink(url, phone), askContact(phone), viewer(file), heard(phone, event), warn(text)}
   */
  constructor(info, page) {
    this.page = page
    this.messages = new Map()
    this.last = 0
    this.unread = 0
    this.tray = []
    this.commands = []
    this.build()
    this.tell(info)
  }

  /** Takes what is known of its person, also when more is known later. */
  tell(info) {
    this.info = info
    const { id, name, place, office } = info
    this.root.id = `phone-${id}`
    this.root.setAttribute('aria-label', `Điện thoại của ${name}${place ? `, ${place}` : ''}`)
    this.root.classList.toggle('office', Boolean(office))
    this.find('.who').textContent = name
    this.find('.where').textContent = place ?? ''
    this.find('.where').title = place ?? ''
    this.find('.bot-name').textContent = info.bot
    this.greet()
  }

  find(selector) {
    return this.root.querySelector(selector)
  }

  build() {
    this.root = document.getElementById('t-phone').content.cloneNode(true).firstElementChild
    this.lines = this.find('.lines')
    this.talk = this.find('.talk')
    this.text = this.find('textarea')
    this.wireWriting()
    this.wireFiles()
    this.wireMenus()
    this.wireTalk()
  }

  wireWriting() {
    this.find('.say').addEventListener('submit', (event) => { event.preventDefault(); this.submit() })
    this.text.addEventListener('input', () => this.typed())
    this.text.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault()
        this.submit()
      }
      if (event.key === 'Escape') this.edit(null)
      if (event.key === 'ArrowUp' && !this.listed.hidden) this.listed.querySelector('button:last-child')?.focus()
    })
    this.find('.editing button').addEventListener('click', () => this.edit(null))
    this.find('.begin').addEventListener('click', () => this.start(''))
  }

  wireFiles() {
    const picker = this.find('input[type=file]')
    for (const item of this.root.querySelectorAll('[data-pick]')) {
      item.addEventListener('click', () => {
        picker.accept = item.dataset.pick === 'photo' ? 'image/*' : ''
        picker.click()
      })
    }
    picker.addEventListener('change', () => { this.attach(picker.files); picker.value = '' })
    for (const item of this.root.querySelectorAll('[data-sample]')) {
      item.addEventListener('click', () => this.attachSample(item.dataset.sample))
    }
    this.text.addEventListener('paste', (event) => this.attach(event.clipboardData.files))
    this.wireDrop(this.find('.app'))
  }

  wireDrop(app) {
    let depth = 0
    const drag = (by) => {
      depth = Math.max(0, depth + by)
      app.classList.toggle('dragging', depth > 0)
    }
    app.addEventListener('dragenter', (event) => { event.preventDefault(); drag(1) })
    app.addEventListener('dragleave', () => drag(-1))
    app.addEventListener('dragover', (event) => event.preventDefault())
    app.addEventListener('drop', (event) => {
      event.preventDefault()
      drag(-depth)
      this.attach(event.dataTransfer.files)
    })
  }

  wireMenus() {
    this.listed = this.find('.commands')
    this.closeCommands = opens(this.find('.menu-button'), this.listed, () => this.listCommands(''))
    const attach = this.find('.attach')
    opens(this.find('.clip'), attach, () => {
      for (const canvas of attach.querySelectorAll('canvas')) {
        samples.preview(canvas, canvas.parentElement.dataset.sample)
      }
    })
    opens(this.find('.options'), this.find('.menu.under'))
    this.find('.block').addEventListener('click', () => this.post('block', { blocked: !this.blocked }))
    this.find('.unblock').addEventListener('click', () => this.post('block', { blocked: false }))
  }

  wireTalk() {
    const toEnd = this.find('.to-end')
    toEnd.addEventListener('click', () => this.toEnd())
    this.talk.addEventListener('scroll', () => {
      this.following = this.distance() < NEAR_END_PX
      toEnd.hidden = this.following
    })
    this.following = true
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.talk)
    this.lines.addEventListener('click', (event) => {
      const link = event.target.closest('.text a')
      if (link && this.page.openLink(link.href, this)) event.preventDefault()
    })
  }

  // What happens on the phone, as the server tells it

  /** Applies one event, whose number in this phone is `number`. */
  hear(number, event) {
    if (number <= this.last) return
    this.last = number
    const does = {
      message: () => this.add(event.message),
      edit: () => this.change(event.message),
      delete: () => this.remove(event.message_id),
      toast: () => this.toast(event.text),
      commands: () => { this.commands = event.commands },
      action: () => this.typing(),
      blocked: () => this.setBlocked(event.blocked),
    }[event.type]
    does?.()
    if (['message', 'edit', 'toast'].includes(event.type)) this.settle()
    this.page.heard(this, event)
  }

  add(message) {
    this.messages.set(message.message_id, message)
    if (message.from === 'bot') this.stopTyping()
    this.keyboard(message)
    this.draw(message)
    this.greet()
    if (message.from === 'me' || this.following) this.toEnd()
  }

  change(message) {
    const before = this.messages.get(message.message_id)
    if (!before) return this.add(message)
    this.messages.set(message.message_id, message)
    const group = this.group(message)
    const row = this.row(group[0])
    const focused = row.contains(document.activeElement)
    const changed = bubbleRow(group, this)
    changed.classList.toggle('first', row.classList.contains('first'))
    row.replaceWith(changed)
    if (focused) (changed.querySelector('.buttons button') ?? this.text).focus({ preventScroll: true })
    if (this.following) this.toEnd()
  }

  remove(id) {
    const message = this.messages.get(id)
    if (!message) return
    const group = this.group(message)
    this.messages.delete(id)
    const row = this.row(group[0])
    const left = group.filter((one) => one.message_id !== id)
    if (left.length) row.replaceWith(bubbleRow(left, this))
    else row.remove()
  }

  draw(message) {
    const group = this.group(message)
    if (group.length > 1) {
      const row = this.row(group[0])
      const album = bubbleRow(group, this)
      album.classList.toggle('first', row.classList.contains('first'))
      return row.replaceWith(album)
    }
    this.separate(message)
    const row = bubbleRow(group, this)
    const above = this.lines.querySelector('.bubble-row:last-of-type')
    const follows = this.lastShown?.from === message.from && this.lines.lastElementChild === above
    row.classList.toggle('first', !follows)
    if (this.page.live()) row.classList.add('new')
    this.lines.append(row)
    this.lastShown = message
    return row
  }

  /** A day's name before its first message. */
  separate(message) {
    const moment = message.date * 1000
    if (this.lastDay === day(moment)) return
    this.lastDay = day(moment)
    this.lastShown = null
    this.lines.append(make('span', 'day', longDay(moment)))
  }

  /** The messages shown as one: an album, or the message alone. */
  group(message) {
    if (!message.album) return [message]
    return [...this.messages.values()].filter((one) => one.album === message.album && one.from === message.from)
  }

  row(message) {
    return this.lines.querySelector(`[data-message="${message.message_id}"]`)
  }

  /** The bot's keyboard stays until it sends another or takes it away. */
  keyboard(message) {
    const wanted = message.keyboard
    if (!wanted) return
    const keys = this.find('.keys')
    keys.hidden = Boolean(wanted.remove) || !wanted.rows?.length
    keys.replaceChildren(...(wanted.rows ?? []).map((row) => make('div', '', ...row.map((key) => this.key(key)))))
  }

  key(key) {
    const one = button('', ...(key.contact ? [icon('phone')] : []), key.text)
    one.addEventListener('click', () => (key.contact ? this.page.askContact(this) : this.say(key.text)))
    return one
  }

  toast(text) {
    if (!text) return
    const toast = this.find('.toast')
    toast.hidden = true
    toast.textContent = text
    toast.hidden = false
    clearTimeout(this.toasting)
    this.toasting = setTimeout(() => { toast.hidden = true }, TOAST_MS)
  }

  typing() {
    if (!this.page.live()) return
    this.stopTyping()
    this.status('đang soạn tin…', true)
    const dots = make('div', 'typing', make('i'), make('i'), make('i'))
    dots.setAttribute('aria-label', 'Bot đang soạn tin')
    this.lines.append(dots)
    if (this.following) this.toEnd()
    this.typingEnds = setTimeout(() => this.stopTyping(), TYPING_MS)
  }

  stopTyping() {
    clearTimeout(this.typingEnds)
    this.lines.querySelector('.typing')?.remove()
    this.status(this.blocked ? 'đã chặn' : 'bot')
  }

  status(text, busy = false) {
    const status = this.find('.status')
    status.textContent = text
    status.classList.toggle('busy', busy)
  }

  setBlocked(blocked) {
    this.blocked = blocked
    this.find('.block span').textContent = blocked ? 'Bỏ chặn bot' : 'Chặn bot'
    this.stopTyping()
    this.greet()
  }

  /** Shows what the person needs first: an invitation, a start button, or the line to write in. */
  greet() {
    const empty = this.messages.size === 0
    const stranger = empty && !this.info.met
    this.find('.letter')?.remove()
    if (empty) this.lines.append(letter(this))
    this.find('.unblock').hidden = !this.blocked
    this.find('.begin').hidden = this.blocked || !stranger || Boolean(this.info.invitation)
    this.find('.say').hidden = this.blocked || stranger
  }

  settle() {
    for (const one of this.root.querySelectorAll('.pending')) one.classList.remove('pending')
  }

  distance() {
    return this.talk.scrollHeight - this.talk.scrollTop - this.talk.clientHeight
  }

  toEnd() {
    this.talk.scrollTop = this.talk.scrollHeight
    this.following = true
    this.find('.to-end').hidden = true
  }

  // What the person does

  async post(what, body) {
    try {
      return await post(`/phones/${this.info.id}/${what}`, body)
    } catch (error) {
      this.settle()
      this.toast(error.message)
      return null
    }
  }

  say(text) { return this.post('say', { text }) }

  start(code) { return this.post('start', { code }) }

  shareContact() { return this.post('contact', { phone: this.info.number, own: true }) }

  tap(message, key, pressed) {
    if (key.url) {
      if (!this.page.openLink(key.url, this)) window.open(key.url, '_blank', 'noopener')
      return
    }
    pressed.classList.add('pending')
    this.post('tap', { message_id: message.message_id, data: key.data })
  }

  async submit() {
    const text = this.text.value.trim()
    if (this.edited) {
      if (text) await this.post('edit', { message_id: this.edited.message_id, text })
      return this.edit(null)
    }
    if (!text && !this.tray.length) return
    const files = this.tray
    this.clearWriting()
    if (files.length) await this.sendFiles(files, text)
    else await this.say(text)
  }

  clearWriting() {
    this.text.value = ''
    this.tray = []
    this.drawTray()
    this.typed()
    this.closeCommands()
  }

  /** Photos go as photos, the rest as files, each kind as one album; the first carries the words. */
  async sendFiles(files, caption) {
    const asFiles = this.find('.as input').checked
    const kind = (file) => (!asFiles && SHOWN.test(file.type) ? 'photo' : 'document')
    for (const as of ['photo', 'document']) {
      const some = files.filter((file) => kind(file) === as)
      if (!some.length) continue
      const form = new FormData()
      form.append('as', as)
      form.append('caption', caption)
      for (const file of some) form.append('files', as === 'photo' ? await asPhoto(file) : file, file.name)
      await this.post('files', form)
      caption = ''
    }
  }

  edit(message) {
    this.edited = message
    this.find('.editing').hidden = !message
    this.text.value = message ? plain(message.html) : ''
    this.typed()
    this.text.focus()
  }

  typed() {
    const text = this.text
    text.style.height = 'auto'
    text.style.height = `${text.scrollHeight}px`
    this.root.classList.toggle('writing', Boolean(text.value.trim() || this.tray.length))
    const command = /^\/(\S*)$/.exec(text.value)
    if (command && !this.edited) {
      this.listCommands(command[1])
      this.listed.hidden = !this.listed.querySelector('button')
    } else this.listed.hidden = true
  }

  listCommands(begun) {
    const fitting = this.commands.filter(({ command }) => command.startsWith(begun))
    this.listed.replaceChildren(...fitting.map((one) => this.command(one)))
    if (!this.commands.length) this.listed.append(make('p', '', 'Bot chưa gửi danh sách lệnh.'))
  }

  command({ command, description }) {
    const item = button('', make('span', '', description), make('kbd', '', `/${command}`))
    item.setAttribute('role', 'menuitem')
    item.addEventListener('click', () => {
      this.clearWriting()
      this.say(`/${command}`)
      this.text.focus({ preventScroll: true })
    })
    return item
  }

  async attachSample(which) {
    const school = this.info.office ? '' : this.info.place
    this.attach([which === 'pdf' ? await samples.pdf(school) : await samples.photo(Number(which), school)])
  }

  attach(files) {
    if (!files.length) return
    this.tray = [...this.tray, ...files].slice(0, 10)
    this.drawTray()
    this.typed()
    this.text.focus({ preventScroll: true })
  }

  drawTray() {
    const tray = this.find('.tray')
    tray.hidden = !this.tray.length
    this.find('.as').hidden = !this.tray.some((file) => SHOWN.test(file.type))
    tray.querySelector('ul').replaceChildren(...this.tray.map((file) => this.trayItem(file)))
  }

  trayItem(file) {
    const drop = button('icon', icon('close'))
    drop.setAttribute('aria-label', `Bỏ ${file.name}`)
    drop.addEventListener('click', () => {
      this.tray = this.tray.filter((one) => one !== file)
      this.drawTray()
      this.typed()
    })
    return make('li', '', thumbnail(file), make('small', '', file.name), drop)
  }
}

function thumbnail(file) {
  if (!SHOWN.test(file.type)) return make('span', 'kind', extension(file.name).toUpperCase())
  const image = make('img')
  image.alt = file.name
  image.src = URL.createObjectURL(file)
  image.addEventListener('load', () => URL.revokeObjectURL(image.src))
  return image
}

/** A photo as messengers send it: a JPEG, and not too large. */
async function asPhoto(file) {
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(picture.width, picture.height))
  if (scale === 1 && file.type === 'image/jpeg') return file
  const canvas = make('canvas')
  canvas.width = picture.width * scale
  canvas.height = picture.height * scale
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height)
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.87))
}

/** The page's own card in an empty talk. It is no message of the bot. */
function letter(phone) {
  const { invitation, hint, office, met } = phone.info
  const card = make('div', 'letter', make('span', 'seal', icon(invitation && !met ? 'mail' : 'phone')))
  if (met) {
    card.append(make('h3', '', 'Nối tiếp buổi trước'), make('p', '', 'Bot vẫn nhớ bạn: cứ nhắn tiếp, hoặc bấm Menu.'))
    return card
  }
  if (!invitation) {
    card.append(make('h3', '', 'Chưa nhắn tin với bot'), make('p', '', hint))
    return card
  }
  const open = button('solid', invitation.code ? 'Mở thư mời' : 'Đang viết thư mời…')
  open.disabled = !invitation.code
  open.addEventListener('click', () => phone.start(invitation.code))
  card.append(
    make('h3', '', 'Thầy/cô có thư mời'),
    make('p', '', office ? 'Mời thầy/cô nhận việc trên bot:' : 'Phòng mời thầy/cô dùng bot cho trường mình:'),
    make('p', 'offer', make('b', '', invitation.role), invitation.unit),
    make('p', 'link', invitation.code ? `t.me/…?start=${invitation.code}` : '\u00a0'),
    open,
  )
  return card
}

// A message, or an album of them, as one bubble with its buttons

function bubbleRow(group, phone) {
  const first = group[0]
  const row = make('div', `bubble-row ${first.from}`, bubble(group, phone))
  row.dataset.message = first.message_id
  row.classList.toggle('edited', group.some((one) => one.edited))
  const buttons = group.at(-1).buttons ?? []
  if (buttons.length) row.append(keys(group.at(-1), buttons, phone))
  row.classList.toggle('wide', buttons.length > 0)
  return row
}

function bubble(group, phone) {
  const files = group.flatMap((one) => one.files ?? [])
  const shown = files.filter((file) => file.kind === 'photo')
  const html = group.map((one) => one.html).filter(Boolean).join('\n')
  const box = make('div', 'bubble')
  if (shown.length) box.append(photos(shown, phone))
  box.append(...files.filter((file) => file.kind !== 'photo').map(fileChip))
  if (html) box.append(group[0].from === 'bot' ? withCommands(richText(html), phone) : richText(html))
  else box.classList.add(shown.length === files.length ? 'only-photos' : 'files-only')
  box.append(meta(group))
  if (group[0].from === 'me' && html && !files.length) box.append(editButton(group[0], phone))
  return box
}

/** The server sends only b, i, u, s, code, pre, a and blockquote; anything else becomes plain text. */
function richText(html) {
  const text = make('div', 'text')
  text.append(...clean(new DOMParser().parseFromString(html, 'text/html').body))
  return text
}

const ALLOWED = new Set(['B', 'I', 'U', 'S', 'CODE', 'PRE', 'A', 'BLOCKQUOTE', 'STRONG', 'EM'])

function clean(parent) {
  return [...parent.childNodes].flatMap((node) => {
    if (node.nodeType === Node.TEXT_NODE) return [node.textContent]
    const inside = clean(node)
    if (node.tagName === 'BR') return ['\n']
    if (!ALLOWED.has(node.tagName)) return inside
    const element = make(node.tagName.toLowerCase(), '', ...inside)
    if (node.tagName === 'A' && /^(https?|tg):/.test(node.href)) {
      Object.assign(element, { href: node.href, target: '_blank', rel: 'noopener noreferrer' })
    }
    return [element]
  })
}

/** Commands in the bot's words can be pressed, as in any messenger. */
function withCommands(text, phone) {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT)
  const nodes = []
  while (walker.nextNode()) nodes.push(walker.currentNode)
  for (const node of nodes.filter((one) => !one.parentElement.closest('a, code, pre'))) {
    node.replaceWith(...node.textContent.split(/(?<!\S)(\/[a-z]{2,32})(?![\w/])/).map((part, at) => (at % 2 ? command(part, phone) : part)))
  }
  return text
}

function command(word, phone) {
  const one = button('command', word)
  one.addEventListener('click', () => phone.say(word))
  return one
}

function plain(html) {
  return richText(html).textContent
}

function meta(group) {
  const line = make('span', 'meta')
  if (group.some((one) => one.edited)) line.append(make('span', '', 'đã sửa'))
  const time = make('time', '', hour(group.at(-1).date * 1000))
  time.dateTime = new Date(group.at(-1).date * 1000).toISOString()
  line.append(time)
  return line
}

function editButton(message, phone) {
  const pen = button('icon edit', icon('pen'))
  pen.setAttribute('aria-label', 'Sửa tin nhắn này')
  pen.title = 'Sửa tin nhắn'
  pen.addEventListener('click', () => phone.edit(message))
  return pen
}

function photos(files, phone) {
  const grid = make('div', `photos${files.length > 1 ? ' many' : ''}`)
  for (const file of files) {
    const image = make('img')
    Object.assign(image, { src: file.url, alt: file.name || 'Ảnh', loading: 'eager' })
    image.addEventListener('load', () => phone.following && phone.toEnd())
    const open = button('', image)
    open.setAttribute('aria-label', `Xem ảnh ${file.name ?? ''}`)
    open.addEventListener('click', () => phone.page.viewer(file))
    grid.append(open)
  }
  return grid
}

function fileChip(file) {
  const kind = extension(file.name)
  const chip = make('a', 'file',
    make('span', `kind ${kind}`, kind.toUpperCase()),
    make('span', '', file.name, make('small', '', size(file.size))))
  Object.assign(chip, { href: file.url, download: file.name })
  return chip
}

function keys(message, rows, phone) {
  return make('div', 'buttons', ...rows.map((row) => make('div', '', ...row.map((key) => {
    const one = button('', key.text, ...(key.url ? [icon('link')] : []))
    one.addEventListener('click', () => phone.tap(message, key, one))
    return one
  }))))
}
