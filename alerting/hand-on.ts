import type { Alert } from './alert.ts'
import { type GroupMemory, alertsIn } from './group/memory.ts'
import type { Delivered } from './notify/delivered.ts'
import type { ToldAlert } from './notify/notification.ts'
import type { Notifier } from './notify/notifier.ts'

/** What an earlier process told, by the notification log, and what receivers had, by the history of deliveries. */
export type Known = {
  readonly told: readonly ToldAlert[]
  readonly delivered: readonly Delivered[]
}

/** Has the notifier go on with the alerts that go on. */
export function handOn(
  notifier: Pick<Notifier, 'update' | 'presume'>,
  memories: readonly GroupMemory[],
  { told, delivered }: Known,
): void {
  // What was told goes on under its group's id of now; what is of no group any more is over.
  const toldOf = new Map(told.map((alert) => [alert.key, alert.startsAt]))
  const all = new Map<string, Alert>()
  for (const { id, states } of memories) {
    const alerts = alertsIn(states)
    for (const alert of alerts) all.set(alert.key, alert)
    const known = alerts.filter(({ key, startsAt }) => toldOf.get(key) === startsAt)
    notifier.update(id, known)
  }
  for (const id of new Set(told.map((alert) => alert.groupId)))
    if (!memories.some((memory) => memory.id === id)) notifier.update(id, [])

  for (const { receiver, key, startsAt } of delivered) {
    const alert = all.get(key)
    if (alert?.startsAt === startsAt) notifier.presume(receiver, presumed(alert))
  }
}

function presumed(alert: Alert): ToldAlert {
  const { state: _, resolvedAt: __, keepFiringSince: ___, restored: ____, ...told } = alert
  return { ...told, revisedAt: 0 }
}
