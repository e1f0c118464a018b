// Dates, numbers and small pieces of the page, in the office's language and time zone.

const ZONE = 'Asia/Ho_Chi_Minh'

const format = (options) => new Intl.DateTimeFormat('vi-VN', { timeZone: ZONE, ...options })
const HOUR = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const DAY = format({ day: '2-digit', month: '2-digit', year: 'numeric' })
const WEEKDAY = format({ weekday: 'long' })

export const hour = (moment) => HOUR.format(moment)
export const day = (moment) => DAY.format(moment)

export function longDay(moment) {
  const name = WEEKDAY.format(moment)
  return `${name[0].toLocaleUpperCase('vi')}${name.slice(1)}, ${day(moment)}`
}

/** "2018-06-10", as it is at the office: what date fields take. */
export function isoDay(moment) {
  return day(moment).split('/').reverse().join('-')
}

/** That day and hour at the office, which keeps one time all year. */
export const moment = (isoDate, time) => new Date(`${isoDate}T${time}:00+07:00`)

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1).replace('.', ',')} MB`
}

export const extension = (name) => (/\.([A-Za-z0-9]{1,4})$/.exec(name)?.[1] ?? 'tệp').toLowerCase()

/** An element with its class and its children, texts or elements. */
export function make(tag, className = '', ...children) {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children)
  return element
}

export function button(className, ...children) {
  const element = make('button', className, ...children)
  element.type = 'button'
  return element
}

export function icon(name) {
  const NAMES = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(NAMES, 'svg')
  const use = document.createElementNS(NAMES, 'use')
  use.setAttribute('href', `#i-${name}`)
  svg.setAttribute('aria-hidden', 'true')
  svg.append(use)
  return svg
}

/** Opens `menu` beside its button: arrows move, Escape and a press elsewhere close. */
export function opens(trigger, menu, prepare = () => {}) {
  const items = () => [...menu.querySelectorAll('button')]
  const close = () => {
    menu.hidden = true
    trigger.setAttribute('aria-expanded', 'false')
  }
  trigger.addEventListener('click', () => {
    if (!menu.hidden) return close()
    prepare()
    menu.hidden = false
    trigger.setAttribute('aria-expanded', 'true')
    items()[0]?.focus({ preventScroll: true })
  })
  menu.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      event.preventDefault()
      const all = items()
      all.at((all.indexOf(document.activeElement) + step) % all.length)?.focus()
    }
    if (event.key === 'Escape') {
      event.stopPropagation()
      close()
      trigger.focus()
    }
  })
  menu.addEventListener('click', (event) => event.target.closest('button') && close())
  document.addEventListener('pointerdown', (event) => {
    if (!menu.contains(event.target) && !trigger.contains(event.target)) close()
  })
  return close
}

/** POSTs JSON or a form. Raises an Error whose message can be shown. */
export async function post(path, body) {
  const form = body instanceof FormData
  const answer = await fetch(path, {
    method: 'POST',
    body: form ? body : JSON.stringify(body),
    headers: form ? {} : { 'Content-Type': 'application/json' },
  }).catch(() => { throw new Error('Không gửi được: buổi trình diễn đã dừng?') })
  const told = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Error(told.error ?? told.description ?? 'Không gửi được.')
  return told
}
