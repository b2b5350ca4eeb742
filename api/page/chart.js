import { s } from './dom.js'
import * as format from './format.js'

/** A device's round-trip times with its outages behind them, and a strip of what share of its probes was answered. */

const HEIGHT = 190
const PLOT = { top: 10, bottom: 140, left: 56, right: 8 }
const STRIP = { top: 150, height: 10 }

/** An SVG of `width` pixels for an answer of `/history`; `read(text)` is told what is under the pointer. */
export function drawChart(history, width, read) {
  const start = Date.parse(history.start)
  const end = Date.parse(history.end)
  const right = width - PLOT.right
  const x = (at) =>
    PLOT.left + ((Math.min(Math.max(at, start), end) - start) / (end - start)) * (right - PLOT.left)
  const rtt = history.series.rtt_ms.map(([at, value]) => [Date.parse(at), value])
  const top = niceTop(Math.max(0, ...rtt.map(([, value]) => value ?? 0)))
  const y = (value) => PLOT.bottom - (value / top) * (PLOT.bottom - PLOT.top)

  const svg = s('svg', {
    class: 'chart',
    width,
    height: HEIGHT,
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: 'img',
    'aria-label': summary(history, rtt),
  })
  svg.append(
    s(
      'defs',
      {},
      s(
        'pattern',
        {
          id: 'gap',
          width: 6,
          height: 6,
          patternUnits: 'userSpaceOnUse',
          patternTransform: 'rotate(45)',
        },
        s('line', { class: 'hatch', y2: 6 }),
      ),
    ),
    ...history.outages.map((outage) => band(outage, x, end)),
    ...[0, top / 2, top].map((value) => level(value, y(value), right)),
    ...times(start, end, x),
    s('path', { class: 'area', d: areaOf(rtt, x, y) }),
    s('path', { class: 'line', d: lineOf(rtt, x, y) }),
    ...strip(history, x),
  )
  follow(svg, history, rtt, { x, start, end, right, read })
  return svg
}

function band({ start, end }, x, now) {
  const from = x(Date.parse(start))
  const to = x(end === null ? now : Date.parse(end))
  return s('rect', {
    class: 'outage',
    x: from,
    y: PLOT.top,
    width: Math.max(2, to - from),
    height: PLOT.bottom - PLOT.top,
  })
}

function level(value, y, right) {
  const text = value === 0 ? '0' : `${Number(value.toPrecision(3))} ms`
  return s(
    'g',
    {},
    s('line', { class: 'level', x1: PLOT.left, x2: right, y1: y, y2: y }),
    s('text', { class: 'label', x: PLOT.left - 6, y: y + 3.5, 'text-anchor': 'end' }, text),
  )
}

function times(start, end, x) {
  return [0.0, 1 / 3, 2 / 3, 1].map((share) => {
    const at = start + share * (end - start)
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle'
    return s(
      'text',
      { class: 'label', x: x(at), y: HEIGHT - 8, 'text-anchor': anchor },
      format.axisTime(at, end - start),
    )
  })
}

/** Runs of points that follow each other; a gap ends a run. */
function runsOf(points) {
  const runs = [[]]
  for (const point of points) {
    if (point[1] === null) runs.push([])
    else runs.at(-1).push(point)
  }
  return runs.filter((run) => run.length > 0)
}

function lineOf(points, x, y) {
  return runsOf(points)
    .map(
      (run) =>
        run
          .map(
            ([at, value], index) =>
              `${index === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`,
          )
          .join('') + (run.length === 1 ? 'h1' : ''),
    )
    .join('')
}

function areaOf(points, x, y) {
  return runsOf(points)
    .map((run) => {
      const line = run
        .map(([at, value]) => `L${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
        .join('')
        .slice(1)
      return `M${line}L${x(run.at(-1)[0]).toFixed(1)} ${PLOT.bottom}L${x(run[0][0]).toFixed(1)} ${PLOT.bottom}Z`
    })
    .join('')
}

/** One rectangle for each run of steps that are alike. */
function strip({ series, step_seconds: step }, x) {
  const parts = []
  for (const [iso, share] of series.up) {
    const to = Date.parse(iso)
    const kind = share === null ? 'none' : share === 1 ? 'all' : share === 0 ? 'no' : 'some'
    const last = parts.at(-1)
    if (last?.kind === kind) last.to = to
    else parts.push({ kind, from: to - step * 1000, to })
  }
  return parts.map(({ kind, from, to }) =>
    s('rect', {
      class: `answered ${kind}`,
      x: x(from),
      y: STRIP.top,
      width: Math.max(1, x(to) - x(from)),
      height: STRIP.height,
    }),
  )
}

/** A line under the pointer, and the reading at it. */
function follow(svg, history, rtt, { x, start, end, right, read }) {
  const cross = s('line', {
    class: 'cross',
    y1: PLOT.top,
    y2: STRIP.top + STRIP.height,
    visibility: 'hidden',
  })
  svg.append(cross)
  svg.addEventListener('pointermove', (event) => {
    const left = event.clientX - svg.getBoundingClientRect().left
    const at = start + ((left - PLOT.left) / (right - PLOT.left)) * (end - start)
    const index = Math.min(
      rtt.length - 1,
      Math.max(0, Math.ceil((at - start) / (history.step_seconds * 1000)) - 1),
    )
    const [stamp, value] = rtt[index]
    const lost = history.series.loss_ratio[index][1]
    cross.setAttribute('x1', x(stamp))
    cross.setAttribute('x2', x(stamp))
    cross.setAttribute('visibility', 'visible')
    const facts =
      lost === null
        ? 'no samples'
        : `${value === null ? 'no answer' : format.rtt(value)} · ${format.loss(lost)} loss`
    read(`${format.localTime(new Date(stamp).toISOString(), Date.now())} · ${facts}`)
  })
  svg.addEventListener('pointerleave', () => {
    cross.setAttribute('visibility', 'hidden')
    read('')
  })
}

/** 1, 2 or 5 times a power of ten, at or above the greatest value. */
function niceTop(greatest) {
  if (greatest <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(greatest))
  return ([1, 2, 5, 10].find((step) => step * power >= greatest) ?? 10) * power
}

function summary({ range, outages }, rtt) {
  const values = rtt.flatMap(([, value]) => (value === null ? [] : [value]))
  const mean =
    values.length === 0
      ? 'no answers'
      : `mean round trip ${format.rtt(values.reduce((sum, value) => sum + value, 0) / values.length)}`
  return `Last ${range}: ${mean}, ${outages.length} outages`
}
