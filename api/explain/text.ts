import { humanizeDuration } from '../../lib/duration.ts'
import { STALE_INTERVALS } from '../../lib/status.ts'
import type { Delivery } from './csv.ts'
import type { Held, Parent, Verdict } from './verdict.ts'

/** Receivers that are told again and again: the newest say enough. */
const MOST_DELIVERIES = 20

/** Pure: the verdict in sentences, in the order in which one follows from the other. */
export function sentencesOf(verdict: Verdict): string[] {
  return [
    ...statusSentences(verdict),
    ...flappingSentences(verdict),
    ...alertSentences(verdict),
    // What an acknowledgement holds back are repetitions: it has a sentence of its own.
    ...verdict.held
      .filter(({ by }) => by !== 'acknowledged' || verdict.acknowledgement === null)
      .map((held) => heldSentence(held, verdict.at)),
    ...acknowledgedSentences(verdict),
    ...toldSentences(verdict),
  ]
}

function statusSentences(verdict: Verdict): string[] {
  const { status, at, causes, parents } = verdict
  switch (status) {
    case 'disabled':
      return ['Disabled in the inventory: it is not probed, and nothing is told of it.']
    case 'unknown':
      if (verdict.blindSince !== null) return blindSentences(verdict, verdict.blindSince)
      if (verdict.lateFrom !== null && !verdict.isStale)
        return lateSentences(verdict, verdict.lateFrom)
      return [unknownSentence(verdict), ...suspicion(verdict)]
    case 'up':
      return [upSentence(verdict), ...suspicion(verdict)]
    case 'down':
      return [
        ...downSentences(verdict),
        ...(parents.length > 0 ? [`Reached through ${parentsText(parents, at)}.`] : []),
      ]
    case 'unreachable':
      return [
        ...downSentences(verdict),
        `Unreachable rather than down: everything it is reached through is down${parents.length > 0 ? ` (${parentsText(parents, at)})` : ''}.`,
        ...(causes.length > 0 ? [`The cause is ${causes.join(', ')}.`] : []),
      ]
  }
}

function unknownSentence({ lastSampleAt, device, at, state, isStale }: Verdict): string {
  if (lastSampleAt === null) return 'Unknown: no ping sample of it in the 24 h before.'
  if (isStale) {
    const stale = humanizeDuration(STALE_INTERVALS * device.ping.intervalMs)
    return `Unknown: the newest ping sample is of ${clock(lastSampleAt, at)}, ${humanizeDuration(at - lastSampleAt)} before; after ${stale} nothing is known any more.`
  }
  return state === null
    ? 'Unknown: it is sampled, but no state is kept yet: too few probes, or alerting does not run.'
    : 'Unknown.'
}

/** What isn't answered says nothing then: it isn't counted. */
function blindSentences({ at, state, evidence }: Verdict, since: number): string[] {
  const vantage = evidence.probes.at(-1)?.vantage ?? ''
  const collector = vantage === '' ? 'its collector' : `collector ${vantage}`
  const before =
    state === null
      ? []
      : [`Before that it was ${state.up ? 'up' : 'down'} since ${clock(state.since, at)}.`]
  return [
    `Unknown: monitoring is blind. Of ${collector} no canary answers since ${clock(since, at)}: it has lost its network, and what it is not answered says nothing of the device.`,
    ...before,
  ]
}

/** What is there of it has gaps: it isn't counted. */
function lateSentences({ at, state }: Verdict, from: number): string[] {
  const before =
    state === null
      ? []
      : [`By then it was ${state.up ? 'up' : 'down'} since ${clock(state.since, at)}.`]
  return [
    `Unknown: samples of it since ${clock(from, at)} are still on their way. VictoriaMetrics was away, or out of the collector's reach, and gets what was probed meanwhile now.`,
    ...before,
  ]
}

function upSentence({ state, at, evidence: { probes } }: Verdict): string {
  const since = state === null ? '' : ` since ${clock(state.since, at)}`
  const last = probes.findLast(({ up }) => up)
  if (last === undefined) return `Up${since}.`
  const rtt = last.rttSeconds === null ? '' : ` in ${milliseconds(last.rttSeconds)}`
  return `Up${since}: the probe of ${clock(last.at, at)} was answered${rtt}.`
}

function downSentences({ confirmation, state, at }: Verdict): string[] {
  if (confirmation === null)
    return state === null ? [] : [`Down since ${clock(state.since, at)}, as alerting keeps it.`]
  const { failures, isWhole, firstFailedAt, confirmedAt, needed } = confirmation
  const lasting = humanizeDuration(at - firstFailedAt)
  const first = isWhole
    ? `No answer to ${probesText(failures)} since ${clock(firstFailedAt, at)} (${lasting}).`
    : `No answer since ${clock(firstFailedAt, at)} (${lasting}).`
  if (confirmedAt !== null)
    return [
      first,
      `The probe of ${clock(confirmedAt, at)} confirmed it: ${needed} in a row that fail are an outage.`,
    ]
  if (isWhole && failures < needed)
    return [
      first,
      `It was confirmed after this instant: ${needed} in a row that fail are an outage.`,
    ]
  return [first]
}

/** Failed probes that are no outage yet. */
function suspicion({ confirmation, state, at }: Verdict): string[] {
  if (confirmation === null || state?.up === false) return []
  const { failures, needed, firstFailedAt, awaitedSites } = confirmation
  const silence = `No answer to ${probesText(failures)} since ${clock(firstFailedAt, at)}: ${needed} in a row are an outage`
  if (awaitedSites.length === 0) return [`${silence}.`]
  const sites = awaitedSites.map((site) => (site === '' ? 'the one without a name' : site))
  return [`${silence} once each site had one of them. ${sites.join(', ')} had none yet.`]
}

function flappingSentences({ isFlapping, evidence: { flappingScore } }: Verdict): string[] {
  if (flappingScore === null && !isFlapping) return []
  if (flappingScore === null) return ['It flaps: it goes down and comes back again and again.']
  const score = `${Math.round(flappingScore * 10) / 10} %`
  if (isFlapping) return [`It flaps: its score is ${score}.`]
  return flappingScore > 0 ? [`It does not flap: its score is ${score}.`] : []
}

function alertSentences({ alerts, at }: Verdict): string[] {
  return alerts.map(({ name, severity, state, activeAt }) => {
    const of = severity === null ? name : `${name} (${severity})`
    const since = activeAt === null ? '' : ` since ${clock(activeAt, at)}`
    return state === 'firing' ? `${of} fires${since}.` : `${of} is pending${since}: it waits.`
  })
}

const HELD: Readonly<Record<string, string>> = {
  silence: 'silence',
  maintenance: 'maintenance window',
  inhibition: 'another alert,',
  'time-interval': 'time interval',
  acknowledged: 'acknowledgement',
  parent: 'the outage of',
  flapping: 'flapping',
}

function heldSentence(held: Held, at: number): string {
  const { alert, by, cause, createdBy, comment, until } = held
  const person = createdBy === null || createdBy === '' ? '' : ` by ${createdBy}`
  const why = comment === null || comment === '' ? '' : `: "${comment}"`
  const end = until === null ? '' : `, until ${clock(until, at)}`
  const what = [HELD[by] ?? by, cause].filter((word) => word !== '').join(' ')
  return `${alert} is held back by ${what}${person}${end}${why}.`
}

function acknowledgedSentences({ acknowledgement, at }: Verdict): string[] {
  if (acknowledgement === null) return []
  const { createdBy, comment, labels, at: given, expiresAt } = acknowledgement
  const end = expiresAt === null ? '' : `, until ${clock(expiresAt, at)}`
  const why = comment === '' ? '' : `: "${comment}"`
  return [
    `${labels['alertname'] ?? 'It'} was acknowledged by ${createdBy} at ${clock(given, at)}${end}${why}.`,
  ]
}

function toldSentences({ alerts, evidence: { deliveries }, at }: Verdict): string[] {
  const told = deliveries.slice(-MOST_DELIVERIES).map((delivery) => deliverySentence(delivery, at))
  const isFiring = alerts.some(({ state }) => state === 'firing')
  return told.length === 0 && isFiring ? ['Nobody was told yet.'] : told
}

function deliverySentence(
  { at: told, receiver, alert, result, reason, seconds }: Delivery,
  at: number,
): string {
  const of = alert === '' ? '' : ` of ${alert}`
  const why = reason === '' ? '' : ` (${reason})`
  const message = `the message to ${receiver}${of}${why} at ${clock(told, at)}`
  if (seconds === null)
    return `${receiver} was told${of}${why} at ${clock(told, at)}, with other devices.`
  return result === 'accepted'
    ? `${receiver} was told${of}${why} at ${clock(told, at)}: accepted in ${milliseconds(seconds)}.`
    : `${message.charAt(0).toUpperCase()}${message.slice(1)} ended with: ${result}, after ${milliseconds(seconds)}.`
}

function parentsText(parents: readonly Parent[], at: number): string {
  return parents
    .map(({ id, status, since }) => {
      if (status === null) return `${id}, which the inventory does not have`
      const isSince = since !== null && (status === 'down' || status === 'unreachable')
      return `${id}: ${status}${isSince ? ` since ${clock(since, at)}` : ''}`
    })
    .join('; ')
}

const probesText = (count: number): string => `${count} ${count === 1 ? 'probe' : 'probes'}`

const milliseconds = (seconds: number): string => `${Math.round(seconds * 1e5) / 100} ms`

/** To the second; without the date on the day that is spoken of. */
function clock(instant: number, at: number): string {
  const iso = new Date(instant).toISOString()
  const short = `${iso.slice(0, 19)}Z`
  return iso.slice(0, 10) === new Date(at).toISOString().slice(0, 10) ? short.slice(11) : short
}
