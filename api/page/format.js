/** How the page writes things. Nothing here touches the document. */

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400

/** The two largest units: `45s`, `4m 5s`, `2h 15m`, `3d 4h`. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const days = Math.floor(whole / DAY)
  const hours = Math.floor((whole % DAY) / HOUR)
  const minutes = Math.floor((whole % HOUR) / MINUTE)
  if (days > 0) return hours > 0 ? `${days}d ${hours}h` : `${days}d`
  if (hours > 0) return minutes > 0 ? `${hours}h ${minutes}m` : `${hours}h`
  const rest = whole % MINUTE
  if (minutes > 0) return rest > 0 ? `${minutes}m ${rest}s` : `${minutes}m`
  return `${rest}s`
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const day = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: 'short' })
const dayYear = new Intl.DateTimeFormat(undefined, {
  day: '2-digit',
  month: 'short',
  year: 'numeric',
})

/** Local time: the clock for today, the day with it for other days. `now` is in milliseconds. */
export function localTime(iso, now) {
  if (iso === null) return '–'
  const at = new Date(iso)
  const today = new Date(now)
  if (at.toDateString() === today.toDateString()) return clock.format(at)
  const date = at.getFullYear() === today.getFullYear() ? day.format(at) : dayYear.format(at)
  return `${date} ${clock.format(at)}`
}

/** The tick label of a chart that spans `spanMs`. */
export function axisTime(ms, spanMs) {
  const at = new Date(ms)
  if (spanMs > 40 * DAY * 1000)
    return new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' }).format(at)
  if (spanMs > 1.5 * DAY * 1000)
    return new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric' }).format(at)
  return new Intl.DateTimeFormat(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at)
}

/** `0.42 ms`, `12.3 ms`, `184 ms`. */
export function rtt(ms) {
  if (ms === null) return '–'
  return `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`
}

/** A ratio in per cent; 0.9996 is 99.96 %, never rounded up to 100. */
export function percent(ratio, digits = 0) {
  if (ratio === null) return '–'
  const factor = 10 ** digits
  return `${(Math.floor(ratio * 100 * factor + 1e-9) / factor).toFixed(ratio === 1 ? 0 : digits)} %`
}

export function loss(ratio) {
  return ratio === null ? '–' : `${Math.round(ratio * 100)} %`
}

const grouped = new Intl.NumberFormat('en')
export const count = (number) => grouped.format(number)
