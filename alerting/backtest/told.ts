import { type Labels, labelsKey } from '../../lib/labels.ts'
import { occurrence } from '../notify/occurrence.ts'
import type { Message } from './world.ts'

/** One occurrence of an alert that somebody would have been told of. */
export type Told = {
  readonly labels: Labels
  /** When its condition began. */
  readonly since: number
  readonly startsAt: number
  /** When the first receiver had it. */
  readonly toldAt: number
  /** When it was over, as far as that was told; null: not in the replayed time. */
  readonly endedAt: number | null
}

/** The occurrences that messages tell of for the first time, in their order. */
export function toldIn(messages: readonly Message[]): Told[] {
  const found = new Map<string, Told>()
  for (const { at, notification, fresh } of messages) {
    for (const alert of fresh) {
      const one = occurrence(alert)
      if (found.has(one)) continue
      const { labels, activeAt: since, startsAt } = alert
      found.set(one, { labels, since, startsAt, toldAt: at, endedAt: null })
    }
    for (const alert of notification.alerts) {
      const one = occurrence(alert)
      const known = found.get(one)
      if (alert.endsAt !== 0 && known?.endedAt === null)
        found.set(one, { ...known, endedAt: alert.endsAt })
    }
  }
  return [...found.values()]
}

/** The same problem, whichever set of rules tells of it: its labels but for the group's name and how grave it is. */
export function problemKey({ alertgroup: _group, severity: _severity, ...labels }: Labels): string {
  return labelsKey(labels)
}
