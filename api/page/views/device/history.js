import { timeChart } from '../../charts/chart.js'
import { h } from '../../core/dom.js'
import { loss, rtt } from '../../core/format.js'
import { text } from '../../core/texts.js'
import { card, muted, problem } from './card.js'
import { outageList } from './outages.js'
import { poll, problemText } from './poll.js'
import { rangeBar } from './ranges.js'
import { RANGES, spanQuery } from './span.js'
import { windowsOf } from './windows.js'

/** How long round trips took and what was lost, with outages and maintenance behind; and the outages as a list. */

const SOON_MS = 10_000
const LATER_MS = 60_000
const SHORT_MS = RANGES['6h']

export function createHistory(app, id, span) {
  const stage = h('div', { class: 'charts' }, muted(text('shell.loading')))
  const outages = h('div', {}, muted(text('shell.loading')))
  const element = card(text('history.title'), {}, rangeBar(app, span), stage)
  const outageCard = card(text('outages.title'), {}, outages)
  let charts = null

  const path = `/api/v1/devices/${encodeURIComponent(id)}/history`
  const asking = poll(
    async (signal) => {
      const history = await app.api.get(`${path}?${spanQuery(span.current, app.at)}`, { signal })
      return { history, windows: await windowsOf(app, id, history, signal) }
    },
    { everyMs, show, failed },
  )
  span.onChange(asking.now)

  /** A year doesn't change within seconds, and a past time not at all. */
  function everyMs() {
    if (app.at !== null) return Infinity
    const { range } = span.current
    return range !== undefined && RANGES[range] <= SHORT_MS ? SOON_MS : LATER_MS
  }

  function show({ history, windows }) {
    const shaded = [
      ...history.outages.map(({ start, end }) => ({ from: start, to: end, kind: 'outage' })),
      ...windows.map(({ from, until }) => ({ from, to: until, kind: 'maintenance' })),
    ]
    const common = { shaded, range: { from: history.start, to: history.end } }
    const series = seriesOf(history)
    if (charts === null) draw(common, series)
    else {
      charts.rtt.set({ ...common, series: series.rtt })
      charts.loss.set({ ...common, series: series.loss })
    }
    outages.replaceChildren(outageList(app, history))
  }

  function draw(common, series) {
    stage.replaceChildren()
    const shared = { ...common, zoomed: span.zoom, together: 'device' }
    charts = {
      rtt: timeChart(stage, {
        ...shared,
        label: text('history.rtt'),
        series: series.rtt,
        unit: rtt,
        height: 220,
        times: false,
      }),
      loss: timeChart(stage, {
        ...shared,
        label: text('history.loss'),
        series: series.loss,
        unit: loss,
        height: 110,
        top: 1 / 1.1,
      }),
    }
  }

  function failed(error) {
    end()
    stage.replaceChildren(problem(problemText(error)))
    outages.replaceChildren(muted(text('history.unknown')))
  }

  function end() {
    charts?.rtt.destroy()
    charts?.loss.destroy()
    charts = null
  }

  return {
    element,
    outages: outageCard,
    renew: asking.now,
    leave() {
      asking.end()
      end()
    },
  }
}

function seriesOf({ series }) {
  const edge = { colour: '--accent', as: 'edge' }
  return {
    rtt: [
      { label: text('history.mean'), points: series.rtt_ms, colour: '--accent' },
      { ...edge, label: text('history.longest'), points: series.rtt_max_ms },
      { ...edge, label: text('history.shortest'), points: series.rtt_min_ms },
    ],
    loss: [
      {
        label: text('history.loss'),
        points: series.loss_ratio,
        colour: '--unreachable',
        as: 'bars',
      },
    ],
  }
}
