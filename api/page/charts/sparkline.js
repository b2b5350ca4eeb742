import { s, setAttribute } from '../core/dom.js'

/** A line the size of a word. Rows of a table are used again, so it is made once and shown other values. */

/**
 * `show(values, label)`: values in order, null for a gap; a label of null where the words beside it say the same. `max` fixes
 * the top of the scale.
 */
export function createSparkline({ width = 88, height = 22, max } = {}) {
  const area = s('path', { class: 'spark-area' })
  const line = s('path', { class: 'spark-line' })
  const element = s(
    'svg',
    { class: 'sparkline', viewBox: `0 0 ${width} ${height}`, width, height },
    area,
    line,
  )
  return {
    element,
    show(values, label) {
      const runs = runsOf(values, { width, height, max })
      setAttribute(line, 'd', runs.map(lineOf).join('') || null)
      setAttribute(area, 'd', runs.map((run) => areaOf(run, height)).join('') || null)
      setAttribute(element, 'role', label === null ? null : 'img')
      setAttribute(element, 'aria-label', label)
      setAttribute(element, 'aria-hidden', label === null ? 'true' : null)
    },
  }
}

/** Points in pixels, a list for each run without gaps. Pure. */
export function runsOf(values, { width, height, max = Math.max(0, ...values.filter(isNumber)) }) {
  const step = values.length > 1 ? width / (values.length - 1) : width
  const scale = max > 0 ? (height - 2) / max : 0
  const runs = [[]]
  for (const [index, value] of values.entries()) {
    if (isNumber(value)) runs.at(-1).push([index * step, height - 1 - Math.min(value, max) * scale])
    else if (runs.at(-1).length > 0) runs.push([])
  }
  return runs.filter((run) => run.length > 0)
}

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value)

const lineOf = (run) =>
  run.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('') +
  // A single value is a dot's width of line.
  (run.length === 1 ? 'h1' : '')

const areaOf = (run, height) =>
  `M${round(run[0][0])} ${height}${run.map(([x, y]) => `L${round(x)} ${round(y)}`).join('')}L${round(run.at(-1)[0])} ${height}Z`

const round = (pixels) => Math.round(pixels * 10) / 10
