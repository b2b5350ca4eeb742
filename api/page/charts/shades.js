import { colour, tinted } from './colours.js'
import { within } from './aligned.js'

/** What lay over a time, behind the lines: an outage is solid with a bar on top, maintenance is hatched. */

const HATCH = 8
const BAR = 3

/** A plugin of uPlot; `spans()` gives `{from, to, kind}` in milliseconds or ISO. */
export function shades(spans) {
  return { hooks: { drawAxes: [(plot) => drawShades(plot, spans())] } }
}

function drawShades(plot, spans) {
  const { ctx, bbox, scales } = plot
  const ratio = devicePixelRatio
  const x = (ms) => plot.valToPos(ms / 1000, 'x', true)
  for (const { from, to, kind } of within(spans, scales.x.min * 1000, scales.x.max * 1000)) {
    const left = x(from)
    // An outage of a minute in a year is still seen.
    const width = Math.max(2 * ratio, x(to) - left)
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, bbox.top, width, bbox.height)
    ctx.clip()
    if (kind === 'maintenance') hatch(ctx, { left, width, ...area(bbox), ratio })
    else fillOutage(ctx, { left, width, ...area(bbox), ratio })
    ctx.restore()
  }
}

const area = ({ top, height }) => ({ top, height })

function fillOutage(ctx, { left, width, top, height, ratio }) {
  ctx.fillStyle = tinted('--down', 0.2)
  ctx.fillRect(left, top, width, height)
  ctx.fillStyle = colour('--down')
  ctx.fillRect(left, top, width, BAR * ratio)
}

function hatch(ctx, { left, width, top, height, ratio }) {
  const gap = HATCH * ratio
  ctx.strokeStyle = tinted('--unknown', 0.55)
  ctx.lineWidth = 1.5 * ratio
  ctx.beginPath()
  // The lines stand on a grid of the plot, so that two windows beside one another fit.
  const first = Math.floor((left - height) / gap) * gap
  for (let at = first; at < left + width; at += gap) {
    ctx.moveTo(at, top + height)
    ctx.lineTo(at + height, top)
  }
  ctx.stroke()
}
