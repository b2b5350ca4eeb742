import { h, setText } from '../core/dom.js'
import { text } from '../core/texts.js'
import uPlot from '../vendor/uplot.js'
import { aligned, milliseconds } from './aligned.js'
import { timeAxis, valueAxis } from './axes.js'
import { colour, tinted } from './colours.js'
import { listenForCursor } from './cursor.js'
import { legend } from './legend.js'
import { readingAt, readingText } from './reading.js'
import { shades } from './shades.js'
import { summaryOf } from './summary.js'

let charts = 0

/**
 * Values over time, on a canvas. `options`:
 * - `label`: what it shows, for those who don't see it;
 * - `series`: `[{label, points: [[iso | ms, value | null]], colour: '--accent', as: 'line' | 'area' | 'bars' | 'edge', dash}]`,
 *   gaps stay gaps; two of `as: 'edge'` that follow one another are the sides of a band, the upper one first;
 * - `shaded`: `[{from, to | null, kind: 'outage' | 'maintenance'}]`;
 * - `unit(value)` writes a value; `top` is the least that the scale reaches; `height` in pixels;
 * - `range`: `{from, to}`, the instants that it spans, whatever has values;
 * - `zoomed(from, to)` is called with milliseconds when a span was chosen by dragging or with + and −, `zoomed(null)` when
 *   it was given up; `together` is a name that charts share whose cursors go together; `times: false` leaves the axis out.
 *
 * Gives `{element, set(changes), destroy()}`: `set` takes the same options.
 */
export function timeChart(root, options) {
  const id = `chart-${++charts}`
  let now = { shaded: [], height: 200, unit: String, top: 0, times: true, ...options }
  let plot = null
  const stage = h('div', {
    class: 'chart-plot',
    role: 'slider',
    tabindex: '0',
    'aria-readonly': 'true',
    'aria-orientation': 'horizontal',
    'aria-describedby': `${id}-summary`,
  })
  const reading = h('p', { class: 'chart-reading', 'aria-hidden': 'true' })
  const summary = h('p', { class: 'hidden', id: `${id}-summary` })
  const key = h('div', { class: 'chart-legend' })
  const head = h('div', { class: 'chart-head' }, key, reading)
  const element = h('div', { class: 'chart' }, head, stage, summary)
  root.append(element)

  const cursor = listenForCursor(stage, {
    plot: () => plot,
    told: (index) => tell(index),
    zoomed: (from, to) => now.zoomed?.(from, to),
  })

  function draw() {
    const data = aligned(now.series)
    plot?.destroy()
    stage.style.minHeight = `${now.height}px`
    plot = new uPlot(
      plotOptions(now, { width: stage.clientWidth || 320, moved: tell }),
      data,
      stage,
    )
    key.replaceChildren(...legend(now))
    const words = summaryOf(now)
    setText(summary, `${words} ${text('chart.keys')}`)
    stage.setAttribute('aria-label', now.label)
    stage.setAttribute('aria-valuemin', '0')
    stage.setAttribute('aria-valuemax', String(Math.max(0, data[0].length - 1)))
    cursor.redrawn()
  }

  /** What is under the cursor, for the eye and for the ear. */
  function tell(index) {
    const { words, at } =
      index === null || index === undefined ? { words: '' } : readingAt(now, plot.data, index)
    setText(reading, at === undefined ? '' : readingText(words, at))
    stage.setAttribute('aria-valuenow', String(index ?? 0))
    stage.setAttribute(
      'aria-valuetext',
      at === undefined ? text('chart.no_cursor') : readingText(words, at),
    )
  }

  const redraw = () => plot?.redraw(false)
  const observer = new ResizeObserver(() => {
    const width = stage.clientWidth
    if (plot !== null && width > 0 && width !== plot.width)
      plot.setSize({ width, height: now.height })
  })
  observer.observe(stage)
  const WHEN = ['themechange', 'beforeprint', 'afterprint']
  for (const name of WHEN) addEventListener(name, redraw)
  draw()
  tell(null)

  return {
    element,
    set(changes) {
      now = { ...now, ...changes }
      draw()
    },
    destroy() {
      observer.disconnect()
      for (const name of WHEN) removeEventListener(name, redraw)
      plot?.destroy()
      element.remove()
    },
  }
}

function plotOptions(
  { series, shaded, unit, top, height, range, together, times, zoomed },
  { width, moved },
) {
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: zoomed !== undefined, y: false, setScale: false },
      ...(together === undefined ? {} : { sync: { key: together, setSeries: false } }),
    },
    scales: {
      x: {
        time: true,
        range: () => [milliseconds(range.from) / 1000, milliseconds(range.to) / 1000],
      },
      y: { range: (_plot, _low, high) => [0, Math.max(top, (high ?? 0) * 1.1) || 1] },
    },
    axes: [timeAxis({ isShown: times }), valueAxis({ unit, space: height < 120 ? 22 : 34 })],
    series: [{}, ...series.map(seriesOptions)],
    bands: bandsOf(series),
    plugins: [shades(() => shaded)],
    hooks: {
      setCursor: [(plot) => moved(plot.cursor.idx)],
      setSelect: [(plot) => chosen(plot, zoomed)],
    },
  }
}

/** A drag of a few pixels is a click that slipped. */
const LEAST_PIXELS = 6

function chosen(plot, zoomed) {
  const { left, width } = plot.select
  if (width < LEAST_PIXELS) return
  const at = (pixels) => plot.posToVal(pixels, 'x') * 1000
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  zoomed?.(at(left), at(left + width))
}

function seriesOptions({ label, colour: name, as = 'line', dash }) {
  const common = { label, spanGaps: false, points: { show: false } }
  if (as === 'edge') return { ...common, stroke: () => tinted(name, 0.35), width: 0.5 }
  if (as === 'bars') {
    const fill = () => colour(name)
    return {
      ...common,
      fill,
      stroke: fill,
      width: 0,
      paths: uPlot.paths.bars({ size: [1, Infinity], align: -1 }),
    }
  }
  return {
    ...common,
    stroke: () => colour(name),
    width: 1.5,
    dash,
    points: { show: isAlone, size: 3 },
    ...(as === 'area' ? { fill: () => tinted(name, 0.14) } : {}),
  }
}

/** A value between two gaps would be a line of no length: points are shown where there are such. */
function isAlone(plot, index) {
  const values = plot.data[index]
  return values.some(
    (value, at) =>
      value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null,
  )
}

/** Sides of bands, by the numbers that series have in the plot. */
function bandsOf(series) {
  const sides = series.flatMap(({ as, colour: name }, index) =>
    as === 'edge' ? [{ index: index + 1, name }] : [],
  )
  const bands = []
  for (let at = 0; at + 1 < sides.length; at += 2) {
    const [upper, lower] = [sides[at], sides[at + 1]]
    bands.push({ series: [upper.index, lower.index], fill: () => tinted(upper.name, 0.22) })
  }
  return bands
}
