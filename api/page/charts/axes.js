import { axisTime } from '../core/time.js'
import { colour, tinted } from './colours.js'

/** Axes that a person can read, in the page's colours. */

const FONT = '11px system-ui, "Noto Sans", sans-serif'
const LEFT = 66

/** Instants in the viewer's zone; labels never touch. */
export const timeAxis = ({ isShown = true } = {}) => ({
  stroke: () => colour('--muted'),
  font: FONT,
  size: isShown ? 26 : 6,
  space: 84,
  gap: 4,
  grid: { stroke: () => tinted('--line', 0.6), width: 1 },
  ticks: { show: false },
  values: (plot, splits) => {
    const { min, max } = plot.scales.x
    return splits.map((at) => (isShown ? axisTime(at * 1000, (max - min) * 1000) : ''))
  },
})

/** `unit(value)` writes a value. */
export const valueAxis = ({ unit, space = 34 }) => ({
  stroke: () => colour('--muted'),
  font: FONT,
  // Charts that stand below one another have their instants below one another.
  size: LEFT,
  space,
  gap: 6,
  grid: { stroke: () => tinted('--line', 0.6), width: 1 },
  ticks: { show: false },
  values(_plot, splits) {
    const texts = splits.map((value) => (value === 0 ? '0' : unit(value)))
    // Two lines of one name would say that the chart is wrong: the second goes without.
    return texts.map((each, index) => (each === texts[index - 1] ? '' : each))
  },
})
