import { createSparkline } from '../../charts/sparkline.js'
import { asOf } from '../../core/past.js'

/** The last hour of the rows in sight, fetched for all of them at once and kept for a minute. */

/** A hand on the wheel: nothing is asked for rows that only fly by. */
const SETTLE_MS = 150
const KEPT_MS = 60_000
/** What one request may ask for. */
const MOST = 100

export function createSparklines(app, { redraw }) {
  /** @type {Map<string, {at: number, series: object}>} */
  const known = new Map()
  let wanted = []
  let timer = null
  let asking = false
  let isOver = false

  async function ask() {
    timer = null
    if (asking || isOver || document.hidden) return
    const ids = wanted.filter((id) => !isFresh(known.get(id))).slice(0, MOST)
    if (ids.length === 0) return
    asking = true
    const query = ids.map((id) => `device=${encodeURIComponent(id)}`).join('&')
    const answer = await app.api.get(asOf(app, `/api/v1/sparklines?${query}`)).catch(() => null)
    asking = false
    const at = performance.now()
    // What has no answer now is asked again later, not at once.
    for (const id of ids)
      known.set(id, { at, series: answer?.devices[id] ?? known.get(id)?.series ?? null })
    if (isOver) return
    redraw()
    schedule()
  }

  const isFresh = (each) => each !== undefined && performance.now() - each.at < KEPT_MS

  function schedule() {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), SETTLE_MS)
  }

  return {
    /** The rows in sight. */
    sight(ids) {
      wanted = ids
      if (ids.some((id) => !isFresh(known.get(id)))) schedule()
    },
    /** Draws the points of a device into a sparkline; none where they aren't known. */
    draw(spark, id, name) {
      const points = known.get(id)?.series?.[name] ?? NONE
      if (drawn.get(spark) === points) return
      drawn.set(spark, points)
      spark.show(points, null)
    },
    leave() {
      isOver = true
      clearTimeout(timer)
    },
  }
}

/** What a sparkline shows now: it is drawn anew only for other points. */
const drawn = new WeakMap()
const NONE = []

/** A ratio has a scale of its own; times are drawn to their greatest. */
export const sparkOf = (name) =>
  createSparkline(name === 'loss_ratio' ? { width: 48, max: 1 } : { width: 72 })
