import type { Shifted } from './difference.ts'
import type { Findings } from './report.ts'
import type { Told } from './told.ts'

/** The findings for programs; instants are ISO 8601. */
export function findingsJson(findings: Findings): unknown {
  const { period, rules, messages, summary, against, problems } = findings
  return {
    from: iso(period.from),
    to: iso(period.to),
    rules,
    problems,
    summary,
    messages: messages.map(({ at, receiver, notification, fresh }) => ({
      at: iso(at),
      receiver,
      reason: notification.reason,
      groupKey: notification.groupKey,
      truncatedAlerts: notification.truncatedAlerts,
      alerts: notification.alerts.map((alert) => ({
        status: alert.endsAt === 0 ? 'firing' : 'resolved',
        labels: alert.labels,
        activeAt: iso(alert.activeAt),
        startsAt: iso(alert.startsAt),
        endsAt: alert.endsAt === 0 ? null : iso(alert.endsAt),
        isNew: fresh.includes(alert),
      })),
    })),
    ...(against === null
      ? {}
      : {
          against: {
            summary: against.summary,
            same: against.difference.same,
            new: against.difference.fresh.map(toldJson),
            gone: against.difference.gone.map(toldJson),
            earlier: against.difference.earlier.map(shiftedJson),
            later: against.difference.later.map(shiftedJson),
          },
        }),
  }
}

const iso = (at: number): string => new Date(at).toISOString()

const toldJson = ({ labels, since, toldAt, endedAt }: Told) => ({
  labels,
  since: iso(since),
  toldAt: iso(toldAt),
  endedAt: endedAt === null ? null : iso(endedAt),
})

const shiftedJson = ({ told, byMs }: Shifted) => ({ ...toldJson(told), bySeconds: byMs / 1_000 })
