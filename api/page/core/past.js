import { createFleet } from './fleet.js'

/** The fleet at a past instant, kept in the address: `?at=2026-11-22T09:45:01Z`. Nothing here touches the document. */

/** The views that can show it. */
export const PAST_VIEWS = new Set(['wall', 'devices', 'device'])

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** The instant that a query asks for, in milliseconds; null where it asks for none, NaN where that makes no sense or isn't past. */
export function readAt(query, now) {
  const written = query.get('at')
  if (written === null) return null
  // A `+` that wasn't escaped arrives as a space.
  const text = written.replace(/ (?=\d\d:\d\d$)/, '+')
  const at = /^\d{1,11}$/.test(text) ? Number(text) * 1000 : ISO.test(text) ? Date.parse(text) : NaN
  return at <= now ? Math.floor(at / 1000) * 1000 : NaN
}

export const writeAt = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** A path of the API, at the instant that is looked at. */
export function asOf({ at }, path) {
  if (at === null) return path
  return `${path}${path.includes('?') ? '&' : '?'}at=${writeAt(at)}`
}

/** The pause of a question that is asked again and again: what is past doesn't change. */
export const pauseOf = ({ at }, ms) => (at === null ? ms : Infinity)

/**
 * What is looked at: `shown` is null for now, else `{at, fleet, stats, error}`; `look(at)` another instant, null for now;
 * `again()` asks once more. `changed()` is called when there is an answer, or none to be had.
 */
export function createPast({ get, changed }) {
  let shown = null

  async function load() {
    const mine = shown
    mine.error = null
    try {
      const [devices, stats] = await Promise.all([
        get(asOf(mine, '/api/v1/devices')),
        get(asOf(mine, '/api/v1/dashboard/stats')),
      ])
      mine.stats = stats
      mine.fleet.load(devices, mine.at)
    } catch (error) {
      mine.error = error
    }
    if (mine === shown) changed()
  }

  return {
    get shown() {
      return shown
    },
    look(at) {
      if ((shown?.at ?? null) === at) return
      shown = at === null ? null : { at, fleet: createFleet(), stats: null, error: null }
      if (shown !== null) void load()
    },
    again: () => void load(),
  }
}
