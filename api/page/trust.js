/** Whether what the page shows may be believed, and what to say when not. Nothing here touches the document. */

/** Seconds without a word from the API after which the page stops being believed. */
const SILENT_SECONDS = 5

/**
 * `{trust, level, text}` of what is known: `trust` is `ok` or `stale` (the rows grey out), `text` is '' when there is
 * nothing to say. `silentSeconds` counts from the last word of the API, `health` is its last assessment, or null.
 */
export function assessTrust({ silentSeconds, isLinked, health, asOf }) {
  const shown = asOf === '' ? '' : ` Shown: the state of ${asOf}.`
  if (health?.status === 'unhealthy') {
    return {
      trust: 'stale',
      level: 'bad',
      text: `No current data: ${health.reasons.join('; ')}.${shown}`,
    }
  }
  if (silentSeconds > SILENT_SECONDS) {
    const who = isLinked ? 'wardline has sent nothing' : 'wardline can’t be reached: nothing'
    return {
      trust: 'stale',
      level: 'bad',
      text: `${who} for ${Math.floor(silentSeconds)} s.${shown}`,
    }
  }
  if (health?.status === 'degraded') {
    const { alerting, samples } = health.components
    // Samples of some devices being late shows in their rows; rules that stand still concern every row.
    const isOld = alerting.status === 'late'
    const level = isOld || samples.status === 'late' ? 'warn' : 'note'
    return { trust: isOld ? 'stale' : 'ok', level, text: `${sentence(health.reasons)}.` }
  }
  return { trust: 'ok', level: 'note', text: '' }
}

function sentence(reasons) {
  const text = reasons.join('; ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
