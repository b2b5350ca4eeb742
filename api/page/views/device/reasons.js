import { duration, rtt } from '../../core/format.js'
import { currentLanguage, text } from '../../core/texts.js'
import { resultWord, severityWord } from '../../core/words.js'

/**
 * The sentences of `GET /api/v1/devices/{id}/explain` in the language of the page, with their instants as
 * `2026-11-22T09:45:01Z`. The API's own are English; in other languages the same is told from the facts beside them.
 * Nothing here touches the document.
 */
export function reasonsOf(answer) {
  if (currentLanguage() === 'en') return answer.text
  return [
    ...ofStatus(answer),
    ...ofFlapping(answer),
    ...answer.alerts.map(ofAlert),
    // What an acknowledgement holds back are repetitions: it has a sentence of its own.
    ...answer.held
      .filter(({ by }) => by !== 'acknowledged' || answer.acknowledgement === null)
      .map(ofHeld),
    ...ofAcknowledgement(answer),
    ...ofNotifications(answer),
  ]
}

/** As many as the API tells in words. */
const MOST_TOLD = 20

function ofStatus(answer) {
  const { status, parents, cause } = answer
  const through = parents.map(parentWords).join('; ')
  switch (status) {
    case 'disabled':
      return [text('why.disabled')]
    case 'unknown':
      return ofUnknown(answer)
    case 'up':
      return [upWords(answer), ...ofSuspicion(answer)]
    case 'down':
      return [
        ...ofDown(answer),
        ...(parents.length > 0 ? [text('why.through', { parents: through })] : []),
      ]
    default:
      return [
        ...ofDown(answer),
        text('why.unreachable'),
        ...(parents.length > 0 ? [text('why.through', { parents: through })] : []),
        ...(cause.length > 0 ? [text('why.cause', { causes: cause.join(', ') })] : []),
      ]
  }
}

function ofUnknown(answer) {
  const { at, ping, state, blind_since: blindSince, late_from: lateFrom } = answer
  const before =
    state === null
      ? []
      : [text(`why.before.${state.up ? 'up' : 'down'}`, { since: instant(state.since) })]
  if (blindSince !== null) {
    const collector = ping.samples.at(-1)?.vantage || '–'
    return [text('why.blind', { collector, since: instant(blindSince) }), ...before]
  }
  if (ping.last_sample_at === null) return [text('why.never')]
  if (ping.stale) {
    const ago = duration((Date.parse(at) - Date.parse(ping.last_sample_at)) / 1000)
    const stale = duration(ping.stale_after_seconds)
    return [
      text('why.stale', { at: instant(ping.last_sample_at), ago, stale }),
      ...ofSuspicion(answer),
    ]
  }
  if (lateFrom !== null) return [text('why.late', { since: instant(lateFrom) }), ...before]
  return [text(state === null ? 'why.no_state' : 'why.unknown'), ...ofSuspicion(answer)]
}

function upWords({ state, ping: { samples } }) {
  const up = state === null ? text('why.up') : text('why.up_since', { since: instant(state.since) })
  const last = samples.findLast((sample) => sample.up)
  if (last === undefined) return up
  return `${up} ${text('why.answered', { at: instant(last.at), rtt: rtt(last.rtt_ms) })}`
}

function ofDown({ at, confirmation, state }) {
  if (confirmation === null)
    return state === null ? [] : [text('why.down', { since: instant(state.since) })]
  const { failures, first_failed_at: first, confirmed_at: confirmedAt, needed } = confirmation
  const since = instant(first)
  const lasting = duration((Date.parse(at) - Date.parse(first)) / 1000)
  const silence =
    failures === null
      ? text('why.silent', { since, lasting })
      : text('why.silent_for', { count: failures, since, lasting })
  if (confirmedAt !== null)
    return [silence, text('why.confirmed', { at: instant(confirmedAt), needed })]
  if (failures !== null && failures < needed)
    return [silence, text('why.confirmed_later', { needed })]
  return [silence]
}

/** Failed probes that are no outage yet. */
function ofSuspicion({ confirmation, state }) {
  if (confirmation === null || state?.up === false) return []
  const { failures, needed, first_failed_at: first, awaited_sites: sites } = confirmation
  const since = instant(first)
  const silence = text('why.suspected', { count: failures ?? needed, since, needed })
  if (sites.length === 0) return [silence]
  return [
    `${silence} ${text('why.awaited', { sites: sites.map((site) => site || '–').join(', ') })}`,
  ]
}

function ofFlapping({ flapping: { active, score_percent: percent } }) {
  if (percent === null) return active ? [text('why.flaps')] : []
  const score = `${Math.round(percent * 10) / 10} %`
  if (active) return [text('why.flaps_by', { score })]
  return percent > 0 ? [text('why.flaps_not', { score })] : []
}

const ofAlert = ({ alert, severity, state, active_at: at }) =>
  text(state === 'firing' ? 'why.fires' : 'why.waits', {
    alert: severity === null ? alert : `${alert} (${severityWord(severity)})`,
    since: at === null ? '–' : instant(at),
  })

const HELD = [
  'silence',
  'maintenance',
  'inhibition',
  'time-interval',
  'acknowledged',
  'parent',
  'flapping',
]

function ofHeld({ alert, by, cause, created_by: person, comment, until }) {
  const what = HELD.includes(by) ? text(`why.held.${by}`, { cause }) : `${by} ${cause}`
  const end = until === null ? '' : text('why.until', { until: instant(until) })
  return withRemark(
    text('why.held', { alert, what: [what, person, end].filter(Boolean).join(', ') }),
    comment,
  )
}

function ofAcknowledgement({ acknowledgement: given }) {
  if (given === null) return []
  const { alert, created_by: by, comment, at, expires_at: until } = given
  const sentence = text('why.acknowledged', { alert, by, at: instant(at) })
  const end = until === null ? '' : ` (${text('why.until', { until: instant(until) })})`
  return [withRemark(`${sentence}${end}`, comment)]
}

const withRemark = (sentence, comment) => (comment ? `${sentence} “${comment}”` : sentence)

function ofNotifications({ alerts, notifications }) {
  if (notifications.length === 0)
    return alerts.some(({ state }) => state === 'firing') ? [text('why.nobody_told')] : []
  return notifications.slice(-MOST_TOLD).map(ofNotification)
}

function ofNotification({ at, receiver, alert, result, reason, seconds }) {
  const what = [alert, reason === '' ? '' : `(${reason})`].filter(Boolean).join(' ')
  const of = { receiver, alert: what || '–', at: instant(at), result: resultWord(result) }
  if (seconds === null) return text('why.told_with_others', of)
  const took = rtt(seconds * 1000)
  return text(result === 'accepted' ? 'why.told' : 'why.told_in_vain', { ...of, took })
}

function parentWords({ id, status, since }) {
  if (status === null) return text('why.parent.gone', { id })
  const word = text(`status.${status}`)
  const isSince = since !== null && (status === 'down' || status === 'unreachable')
  return isSince
    ? text('why.parent.since', { id, status: word, since: instant(since) })
    : `${id}: ${word}`
}

/** To the second. */
const instant = (time) => `${time.slice(0, 19)}Z`
