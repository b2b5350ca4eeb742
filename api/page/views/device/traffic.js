import { timeChart } from '../../charts/chart.js'
import { createSparkline } from '../../charts/sparkline.js'
import { h } from '../../core/dom.js'
import { bits } from '../../core/format.js'
import { pauseOf } from '../../core/past.js'
import { text } from '../../core/texts.js'
import { problem } from './card.js'
import { poll, problemText } from './poll.js'
import { spanQuery } from './span.js'

/** What went through the interfaces that are chosen, a chart each; and trends for the rows in sight. */

const EVERY_MS = 30_000
const TREND_MS = 5 * 60_000

export function createTraffic(app, id, span) {
  const element = h('div', { class: 'traffic' })
  const base = `/api/v1/devices/${encodeURIComponent(id)}/interfaces`
  /** @type {Map<number, {place: Element, asking: object, charts: object | null}>} */
  const shown = new Map()
  const trends = createTrends((index, signal) =>
    app.api.get(`${base}/${index}/history?${spanQuery({ range: '3h' }, app.at)}`, { signal }),
  )
  span.onChange(() => {
    for (const { asking } of shown.values()) asking.now()
  })

  function open({ index, name, alias }) {
    const title = [name, alias].filter(Boolean).join(' · ')
    const place = h('div', { class: 'traffic-of' }, h('h3', {}, title))
    const stage = h('div', {})
    const own = { place, charts: null, asking: null }
    place.append(stage)
    element.append(place)
    own.asking = poll(
      (signal) =>
        app.api.get(`${base}/${index}/history?${spanQuery(span.current, app.at)}`, { signal }),
      {
        everyMs: () => pauseOf(app, EVERY_MS),
        show(history) {
          const range = { from: history.start, to: history.end }
          const series = seriesOf(history.series)
          if (own.charts === null) {
            stage.replaceChildren()
            const common = { range, zoomed: span.zoom, together: 'device' }
            own.charts = {
              traffic: timeChart(stage, {
                ...common,
                label: text('traffic.of', { name }),
                series: series.traffic,
                unit: bits,
                height: 180,
                top: 1000,
              }),
              errors: timeChart(stage, {
                ...common,
                label: text('traffic.errors_of', { name }),
                series: series.errors,
                unit: rate,
                height: 90,
                top: 0.1,
                times: false,
              }),
            }
          } else {
            own.charts.traffic.set({ range, series: series.traffic })
            own.charts.errors.set({ range, series: series.errors })
          }
        },
        failed(error) {
          close(own)
          stage.replaceChildren(problem(problemText(error)))
        },
      },
    )
    shown.set(index, own)
  }

  function close(own) {
    own.charts?.traffic.destroy()
    own.charts?.errors.destroy()
    own.charts = null
  }

  function end(index) {
    const own = shown.get(index)
    own.asking.end()
    close(own)
    own.place.remove()
    shown.delete(index)
  }

  return {
    element,
    show(chosen) {
      const wanted = new Set(chosen.map(({ index }) => index))
      for (const index of shown.keys()) if (!wanted.has(index)) end(index)
      for (const each of chosen) if (!shown.has(each.index)) open(each)
    },
    spark: trends.spark,
    leave() {
      trends.leave()
      for (const index of shown.keys()) end(index)
    },
  }
}

const rate = (value) => `${value < 1 ? value.toPrecision(2) : Math.round(value)}/s`

function seriesOf({ in_bps: received, out_bps: sent, in_errors: inErrors, out_errors: outErrors }) {
  return {
    traffic: [
      { label: text('traffic.in'), points: received, colour: '--accent', as: 'area' },
      { label: text('traffic.out'), points: sent, colour: '--unknown', dash: [6, 3] },
    ],
    errors: [
      { label: text('traffic.in_errors'), points: inErrors, colour: '--down' },
      {
        label: text('traffic.out_errors'),
        points: outErrors,
        colour: '--unreachable',
        dash: [6, 3],
      },
    ],
  }
}

/** The last hours of interfaces whose rows were seen, asked one after the other and kept for minutes. */
function createTrends(ask) {
  const known = new Map()
  const waiting = new Set()
  const ending = new AbortController()
  const rows = new Map()
  let isAsking = false

  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) waiting.add(Number(target.dataset.spark))
      else waiting.delete(Number(target.dataset.spark))
    }
    void next()
  })

  async function next() {
    if (isAsking || ending.signal.aborted) return
    const [index] = waiting
    if (index === undefined) return
    waiting.delete(index)
    isAsking = true
    try {
      const { series } = await ask(index, ending.signal)
      known.set(index, {
        at: performance.now(),
        values: series.in_bps.map(([, value], at) => busier(value, series.out_bps[at]?.[1])),
      })
    } catch {
      // A row without its trend is still a row; it is asked for again when it comes into sight.
    }
    isAsking = false
    draw(index)
    void next()
  }

  function draw(index) {
    const values = known.get(index)?.values
    if (values !== undefined) rows.get(index)?.show(values, text('interfaces.trend_of'))
  }

  return {
    spark(index) {
      const line = createSparkline({ width: 72 })
      line.show([], null)
      rows.set(index, line)
      const place = h('span', { 'data-spark': index }, line.element)
      draw(index)
      const { at = -Infinity } = known.get(index) ?? {}
      if (performance.now() - at > TREND_MS) observer.observe(place)
      return place
    },
    leave() {
      ending.abort()
      observer.disconnect()
    },
  }
}

const busier = (one, other) =>
  (one ?? null) === null ? (other ?? null) : Math.max(one, other ?? 0)
