import { text } from './texts.js'

/** How the page writes measures. Nothing here touches the document. */

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400

/** The two largest units: `45s`, `4m 5s`, `2h 15m`, `3d 4h`. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [
    ['unit.days', Math.floor(whole / DAY)],
    ['unit.hours', Math.floor((whole % DAY) / HOUR)],
    ['unit.minutes', Math.floor((whole % HOUR) / MINUTE)],
    ['unit.seconds', whole % MINUTE],
  ]
  const first = parts.findIndex(([, number]) => number > 0)
  if (first === -1) return unit('unit.seconds', 0)
  return parts
    .slice(first, first + 2)
    .filter(([, number]) => number > 0)
    .map(([key, number]) => unit(key, number))
    .join(' ')
}

const unit = (key, number) => text(key, { n: String(number) })

/** `0.042 ms`, `0.42 ms`, `12.3 ms`, `184 ms`. */
export function rtt(ms) {
  if (ms === null || ms === undefined) return '–'
  const digits = ms < 0.1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0
  return `${ms.toFixed(digits)} ms`
}

/** A ratio in per cent; 0.9996 is 99.96 %, never rounded up to 100. */
export function percent(ratio, digits = 0) {
  if (ratio === null || ratio === undefined) return '–'
  const factor = 10 ** digits
  return `${(Math.floor(ratio * 100 * factor + 1e-9) / factor).toFixed(ratio === 1 ? 0 : digits)} %`
}

export function loss(ratio) {
  return ratio === null || ratio === undefined ? '–' : `${Math.round(ratio * 100)} %`
}

/** `950 bit/s`, `1.2 Mbit/s`: powers of a thousand, as lines are sold. */
export const bits = (perSecond) =>
  scaled(perSecond, 1000, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'])

/** `512 B`, `3.4 MiB`. */
export const bytes = (number) => scaled(number, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])

function scaled(number, base, units) {
  if (number === null || number === undefined) return '–'
  const power =
    number < base ? 0 : Math.min(units.length - 1, Math.floor(Math.log(number) / Math.log(base)))
  const value = number / base ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toPrecision(3)} ${units[power]}`
}
