import { localTime } from '../core/time.js'
import { text } from '../core/texts.js'
import { figuresOf, milliseconds, within } from './aligned.js'

/** A chart in a few sentences, for whoever doesn't see it. */
export function summaryOf({ label, series, shaded, unit, range }) {
  const from = milliseconds(range.from)
  const to = milliseconds(range.to)
  const time = (ms) => localTime(new Date(ms).toISOString(), Date.now())
  const touching = within(shaded, from, to)
  const outages = touching.filter(({ kind }) => kind === 'outage').length
  const windows = touching.length - outages
  return [
    text('chart.summary', { label, from: time(from), to: time(to) }),
    ...series.filter(({ as }) => as !== 'edge').map((each) => seriesSentence(each, unit)),
    outages > 0 ? text('chart.outages', { count: outages }) : null,
    windows > 0 ? text('chart.windows', { count: windows }) : null,
  ]
    .filter((sentence) => sentence !== null)
    .join(' ')
}

function seriesSentence({ label, points }, unit) {
  const { low, mean, high, known } = figuresOf(points.map(([, value]) => value))
  if (mean === null) return text('chart.summary.none', { label })
  const values = { label, low: unit(low), mean: unit(mean), high: unit(high) }
  const missing = Math.round((1 - known) * 100)
  return missing === 0
    ? text('chart.summary.series', values)
    : text('chart.summary.series_gaps', { ...values, missing: `${missing} %` })
}
