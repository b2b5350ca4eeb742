/** When a device was or will be in maintenance, for the charts: the windows of the calendar that may be about it. */

const KNOWN_MS = 60_000
const known = new Map()

/** Openings that touch a history's time. None where they can't be asked: a chart without them is still a chart. */
export async function windowsOf(app, id, { start, end }, signal) {
  const query = `from=${encodeURIComponent(start)}&to=${encodeURIComponent(end)}`
  try {
    const ids = await idsOf(app, id, signal)
    if (ids.size === 0) return []
    const openings = await app.api.get(`/api/v1/maintenance/calendar?${query}`, { signal })
    return openings.filter(({ window }) => ids.has(window))
  } catch (error) {
    if (error.name === 'AbortError') throw error
    return []
  }
}

async function idsOf(app, id, signal) {
  const kept = known.get(id)
  if (kept !== undefined && performance.now() - kept.at < KNOWN_MS) return kept.ids
  const windows = await app.api.get(`/api/v1/maintenance?device=${encodeURIComponent(id)}`, {
    signal,
  })
  const ids = new Set(windows.map((window) => window.id))
  known.set(id, { ids, at: performance.now() })
  return ids
}

/** Somebody planned something: what was known is over. */
export const forgetWindows = () => known.clear()
