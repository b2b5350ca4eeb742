import type { Alert } from '../../../../alerting/alert.ts'
import { fingerprint } from '../../../../lib/fingerprint.ts'
import type { Acknowledgement } from '../../../../lib/decisions/acknowledgement.ts'
import type { Silence } from '../../../../lib/decisions/silence.ts'
import type { MaintenanceWindow } from '../../../../lib/decisions/window.ts'
import type { Labels } from '../../../../lib/labels.ts'

const MINUTE = 60_000

/** Whether something holds the alert back from a receiver: the rules in their own words, told apart from the code. */
export function holds(
  { labels, startsAt, receiver }: { labels: Labels; startsAt: number; receiver: string },
  world: {
    at: number
    config: number
    shown: readonly Alert[]
    behind: ReadonlyMap<string, string>
    decided: {
      silences: readonly Silence[]
      windows: readonly MaintenanceWindow[]
      acknowledgements: readonly Acknowledgement[]
    }
  },
): boolean {
  const { at, config, shown, behind, decided } = world
  const isBehind = behind.has(labels['device'] ?? '')
  const firing = shown.filter(({ state }) => state === 'firing')
  const isCoveredByRouter =
    labels['alertname'] !== 'RouterDown' &&
    firing.some(
      (other) =>
        other.labels['alertname'] === 'RouterDown' && other.labels['branch'] === labels['branch'],
    )
  const isLesser =
    labels['severity'] === 'warning' &&
    firing.some(
      (other) =>
        other.labels['severity'] === 'critical' &&
        other.labels['alertname'] === labels['alertname'] &&
        other.labels['device'] === labels['device'],
    )
  const names = (matchers: Silence['matchers']): boolean =>
    matchers.every(({ name, value }) => labels[name] === value)
  const isSilenced = decided.silences.some(
    ({ startsAt: from, endsAt, matchers }) => from <= at && at < endsAt && names(matchers),
  )
  const isMaintained = decided.windows.some(
    ({ schedule, matchers }) =>
      schedule.kind === 'once' &&
      schedule.startsAt <= at &&
      at < schedule.endsAt &&
      names(matchers),
  )
  const isLunch =
    config === 2 && labels['alertname'] !== 'Loss' && new Date(at).getUTCHours() === 12
  const acknowledged = decided.acknowledgements.filter(
    ({ id, expiresAt, sticky, startsAt: of }) =>
      id === fingerprint(labels) &&
      (expiresAt === null || at < expiresAt) &&
      (sticky || sameSecond(of, startsAt)),
  )
  const isOfEarlier = acknowledged.some(({ startsAt: of }) => !sameSecond(of, startsAt))
  const isEscalation = config === 2 && receiver === 'boss'
  const waits = isEscalation && (at < startsAt + 10 * MINUTE || acknowledged.length > 0)
  return (
    isBehind ||
    isCoveredByRouter ||
    isLesser ||
    isSilenced ||
    isMaintained ||
    isLunch ||
    isOfEarlier ||
    waits
  )
}

const sameSecond = (one: number, other: number): boolean =>
  Math.floor(one / 1000) === Math.floor(other / 1000)
