import { localTime, utcTime } from '../core/time.js'
import { text } from '../core/texts.js'
import { milliseconds } from './aligned.js'

/** What a chart says at one instant. */

/** `{at, words}` of the value with this number in uPlot's data. */
export function readingAt({ series, unit, shaded }, data, index) {
  const at = data[0][index] * 1000
  const values = series.map(({ label }, each) => ({ label, value: data[each + 1][index] ?? null }))
  const known = values.filter(({ value }) => value !== null)
  const over = shaded.filter(
    ({ from, to }) => milliseconds(from) <= at && (to === null || at <= milliseconds(to)),
  )
  const words = [
    known.length === 0
      ? text('chart.no_value')
      : known.map(({ label, value }) => `${label} ${unit(value)}`).join(', '),
    ...new Set(over.map(({ kind }) => text(`chart.${kind}`))),
  ]
  return { at, words: words.join(' · ') }
}

/** `22 Nov 14:02:00 (2026-11-22 10:02:00 UTC) · mean 12 ms`. */
export function readingText(words, at) {
  const iso = new Date(at).toISOString()
  return `${localTime(iso, Date.now())} (${utcTime(iso)}) · ${words}`
}
