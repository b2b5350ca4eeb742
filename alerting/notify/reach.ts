import type { Tracked } from './alert-store.ts'

/** Which alerts are of devices that nobody can reach, because one before them is down. */
export type Reach = {
  /** The device that is down before the alert's own, or null. */
  cause(tracked: Tracked): string | null
  /** The devices that are out of reach now, each with that one. Gives the alerts of which something else is true now. */
  put(causes: ReadonlyMap<string, string>, alerts: Iterable<Tracked>, at: number): Tracked[]
  /** A rule group was evaluated. Gives the alerts that nothing holds any more. */
  evaluated(groupId: string, at: number): Tracked[]
}

/** By then what is written of a device that came back can be read; an evaluation before may not know of it. */
const SETTLED_MS = 5_000

/**
 * When a device can be reached again, its alerts are of the time before: each is held until its own rules have looked
 * again, and most have ended then.
 */
export function createReach(): Reach {
  let behind: ReadonlyMap<string, string> = new Map()
  const left = new Map<Tracked, { readonly cause: string; readonly at: number }>()
  const causeOf = ({ alert }: Tracked): string | undefined =>
    behind.get(alert.labels['device'] ?? '')

  return {
    cause: (tracked) => causeOf(tracked) ?? left.get(tracked)?.cause ?? null,
    put(causes, alerts, at) {
      const before = behind
      behind = causes
      if (before.size === 0 && causes.size === 0) return []
      const changed: Tracked[] = []
      for (const tracked of alerts) {
        const device = tracked.alert.labels['device'] ?? ''
        const old = before.get(device)
        if (old === causes.get(device)) continue
        if (old !== undefined && !causes.has(device)) left.set(tracked, { cause: old, at })
        else left.delete(tracked)
        changed.push(tracked)
      }
      return changed
    },
    evaluated(groupId, at) {
      const released: Tracked[] = []
      for (const [tracked, { at: leftAt }] of left) {
        if (tracked.groupId !== groupId || at - leftAt < SETTLED_MS) continue
        left.delete(tracked)
        released.push(tracked)
      }
      return released
    },
  }
}
