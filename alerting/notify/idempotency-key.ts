import { createHash } from 'node:crypto'
import type { Notification } from './notification.ts'

/** The same message has the same key, whoever sends it and however often. */
export function idempotencyKey(receiver: string, notification: Notification): string {
  const { groupKey, alerts, reason, at } = notification
  const occurrences = alerts.map(
    ({ key, startsAt, endsAt }) => `${key} ${startsAt} ${endsAt === 0 ? 'firing' : 'resolved'}`,
  )
  // What is told again in the same words is another message each time.
  const isAgain = reason === 'repeat interval elapsed' || reason === 'updated'
  return createHash('sha256')
    .update(JSON.stringify([receiver, groupKey, occurrences.sort(), isAgain ? String(at) : '']))
    .digest('hex')
}
