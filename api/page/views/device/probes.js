import { h } from '../../core/dom.js'
import { rtt } from '../../core/format.js'
import { text } from '../../core/texts.js'
import { localTime, timeElement, utcTime } from '../../core/time.js'

/** The probes that decided, in a line: each answered or not, the ones that began and confirmed an outage named. */

/** Intervals after which two probes don't follow one another. */
const APART = 2.5
const MOST = 60

export function probeLine(app, { ping, confirmation }) {
  const samples = ping.samples.slice(-MOST)
  if (samples.length === 0) return []
  const cells = []
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1]
    const pauseMs = before === undefined ? 0 : Date.parse(sample.at) - Date.parse(before.at)
    if (pauseMs > APART * ping.interval_seconds * 1000)
      cells.push(h('li', { class: 'pause', 'aria-label': text('probes.pause') }, '⋯'))
    cells.push(cell(app, sample, nameOf(sample, confirmation)))
  }
  const { last_sample_at: last } = ping
  return [
    h('h3', {}, text('probes.title')),
    h('ol', { class: 'probes', 'aria-label': text('probes.label') }, ...cells),
    h(
      'p',
      { class: 'muted probes-note' },
      text('probes.rule', { seconds: ping.interval_seconds, confirm: ping.confirm }),
      ' ',
      text('probes.last'),
      ' ',
      timeElement(last, app.now()),
      ping.stale ? ` – ${text('probes.stale')}` : '',
    ),
  ]
}

function cell(app, { at, up, rtt_ms: rttMs, vantage }, name) {
  const what = up ? text('probes.answered', { rtt: rtt(rttMs) }) : text('probes.failed')
  const label = `${localTime(at, app.now())}: ${what}${name === null ? '' : `, ${name}`}`
  return h(
    'li',
    { 'data-up': String(up), title: `${label} (${utcTime(at)}, ${vantage})` },
    h('span', { class: 'probe', 'aria-hidden': 'true' }, up ? '' : '×'),
    h('span', { class: 'hidden' }, label),
    name === null ? null : h('small', { 'aria-hidden': 'true' }, name),
  )
}

function nameOf({ at }, confirmation) {
  if (confirmation === null) return null
  if (at === confirmation.first_failed_at) return text('probes.first')
  return at === confirmation.confirmed_at ? text('probes.confirmed') : null
}
