import type { Alert } from '../alert.ts'
import { fingerprint } from '../../lib/fingerprint.ts'
import type { InForce } from './in-force.ts'
import { stillFiring } from './log-entry.ts'
import type { ToldAlert } from './notification.ts'
import type { Suppression } from './suppression.ts'

/** An alert as the notifier follows it, from its first telling evaluation to the last. */
export type Tracked = {
  alert: Alert
  groupId: string
  /** Whether its rules were evaluated in this process: until then nothing is decided about it. */
  isEvaluated: boolean
  /** From when its group's wait counts. */
  seenAt: number
  /** When its revision was last seen to change; 0: never. */
  revisedAt: number
  fingerprint: string | null
  /** Why it is held back, as of what was in force then; null when that must be looked at again. */
  held: { readonly inForce: InForce; readonly suppressions: readonly Suppression[] } | null
  evaluation: number
}

/** What an evaluation changed about one alert. */
export type Change = {
  readonly tracked: Tracked
  readonly kind: 'began' | 'ended' | 'anew' | 'revised' | 'evaluated'
}

/** All alerts that fire or were resolved lately. */
export type AlertStore = {
  get(key: string): Tracked | undefined
  all(): Iterable<Tracked>
  /** What was told counts as firing until its rules were evaluated. Gives undefined where it is known already. */
  restore(told: ToldAlert): Tracked | undefined
  /** The alerts of a rule group after an evaluation; those that aren't among them any more have ended. */
  update(groupId: string, alerts: readonly Alert[], at: number): Change[]
  /** The clock was set back: nothing was seen after `at`. */
  obeyClock(at: number): void
}

export function createAlertStore(): AlertStore {
  const alerts = new Map<string, Tracked>()
  const groups = new Map<string, Set<Tracked>>()
  const evaluated = new Set<string>()
  let evaluation = 0

  function put(alert: Alert, groupId: string, more: Partial<Tracked>): Tracked {
    const tracked: Tracked = {
      alert,
      groupId,
      isEvaluated: true,
      seenAt: alert.startsAt,
      revisedAt: 0,
      fingerprint: null,
      held: null,
      evaluation,
      ...more,
    }
    alerts.set(alert.key, tracked)
    groupOf(groupId).add(tracked)
    return tracked
  }

  function groupOf(groupId: string): Set<Tracked> {
    let group = groups.get(groupId)
    if (group === undefined) groups.set(groupId, (group = new Set()))
    return group
  }

  function moveTo(tracked: Tracked, groupId: string): void {
    if (tracked.groupId === groupId) return
    groups.get(tracked.groupId)?.delete(tracked)
    tracked.groupId = groupId
    groupOf(groupId).add(tracked)
  }

  function drop(tracked: Tracked): void {
    alerts.delete(tracked.alert.key)
    groups.get(tracked.groupId)?.delete(tracked)
  }

  function advance(tracked: Tracked, alert: Alert, at: number): Change['kind'] | null {
    const before = tracked.alert
    const wasEvaluated = tracked.isEvaluated
    tracked.alert = alert
    tracked.isEvaluated = true
    if (before.state !== alert.state) {
      if (alert.state === 'firing') Object.assign(tracked, { seenAt: at, revisedAt: 0 })
      tracked.held = null
      return alert.state === 'firing' ? 'began' : 'ended'
    }
    if (alert.state !== 'firing') return null
    if (before.startsAt !== alert.startsAt) {
      Object.assign(tracked, { seenAt: at, revisedAt: 0, held: null })
      return 'anew'
    }
    if (before.revision !== alert.revision) {
      tracked.revisedAt = at
      return 'revised'
    }
    return wasEvaluated ? null : 'evaluated'
  }

  return {
    get: (key) => alerts.get(key),
    all: () => alerts.values(),
    restore(told) {
      const { groupId, revisedAt, revisedTo } = told
      const known = alerts.get(told.key)
      const firing = stillFiring(told)
      const alert = revisedTo === undefined ? firing : { ...firing, revision: revisedTo }
      if (known === undefined) return put(alert, groupId, { isEvaluated: false, revisedAt })
      // Another receiver was told of it before it changed, or after.
      if (!known.isEvaluated && known.revisedAt < revisedAt)
        Object.assign(known, { alert, revisedAt })
      return undefined
    },
    update(groupId, current, at) {
      evaluation++
      const isFirst = !evaluated.has(groupId)
      evaluated.add(groupId)
      const changes: Change[] = []
      for (const alert of current) {
        if (alert.state === 'pending') continue
        const known = alerts.get(alert.key)
        if (known === undefined) {
          if (alert.state !== 'firing') continue
          // What fires when this process begins has been waited for by the one before.
          const seenAt = isFirst ? Math.min(alert.startsAt, at) : at
          const tracked = put(alert, groupId, { seenAt })
          changes.push({ tracked, kind: 'began' })
          continue
        }
        known.evaluation = evaluation
        moveTo(known, groupId)
        const kind = advance(known, alert, at)
        if (kind !== null) changes.push({ tracked: known, kind })
      }
      for (const tracked of groups.get(groupId) ?? []) {
        if (tracked.evaluation === evaluation) continue
        drop(tracked)
        if (tracked.alert.state === 'firing') changes.push({ tracked, kind: 'ended' })
      }
      return changes
    },
    obeyClock(at) {
      for (const tracked of alerts.values()) {
        tracked.seenAt = Math.min(tracked.seenAt, at)
        tracked.revisedAt = Math.min(tracked.revisedAt, at)
      }
    },
  }
}

/** As Alertmanager computes it, once for each alert. */
export function fingerprintOf(tracked: Tracked): string {
  return (tracked.fingerprint ??= fingerprint(tracked.alert.labels))
}
