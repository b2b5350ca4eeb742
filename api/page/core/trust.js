/** Whether what the page shows may be believed, and what to say when not. Nothing here touches the document. */

/** Seconds without a word from the API after which the page stops being believed. */
const SILENT_SECONDS = 5

/**
 * `{trust, level, key, reasons, blind}`: `trust` is `ok` or `stale` (the page greys out), `level` is `bad`, `warn` or `note`, `key`
 * names the text of the banner ('' when there is nothing to say), `reasons` are the API's words, without those about the
 * collectors of `blind`. `silentSeconds` counts from the last word of the API, `link` is what connects to it (`open`, `polled`
 * while there is no stream to be had, `lost`), `health` is its last assessment, or null;
 * `blind` are the collectors that have lost their network.
 */
export function assessTrust({ silentSeconds, link, health, blind = [] }) {
  if (health?.status === 'unhealthy') return stale('trust.unhealthy', health.reasons)
  if (silentSeconds > SILENT_SECONDS)
    return stale(link === 'open' ? 'trust.silent' : 'trust.away', [])
  if (health?.status === 'degraded') {
    const { alerting, samples, spool, clocks } = health.components
    // Samples of some devices being late shows in their rows; rules that stand still concern every row.
    const isOld = alerting.status === 'late'
    const isUnknown = blind.some(({ devices }) => devices > 0)
    const isDoubtful =
      samples.status === 'late' || spool.status === 'late' || clocks.status === 'off'
    const level = isOld || isUnknown || isDoubtful ? 'warn' : 'note'
    const told = new Set(blind.map(({ reason }) => reason))
    const reasons = health.reasons.filter((reason) => !told.has(reason))
    const key = blind.length > 0 ? 'trust.blind' : 'trust.degraded'
    return { trust: isOld ? 'stale' : 'ok', level, key, reasons, blind }
  }
  const key = link === 'polled' ? 'trust.polled' : ''
  return { trust: 'ok', level: 'note', key, reasons: [], blind: [] }
}

const stale = (key, reasons) => ({ trust: 'stale', level: 'bad', key, reasons, blind: [] })
