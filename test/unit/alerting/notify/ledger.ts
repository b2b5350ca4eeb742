import type { NotifiedAlert, Notification } from '../../../../alerting/notify/notification.ts'

/** What a receiver knows that drops messages of a key it has seen, and notices when what it is told makes no sense. */
export type Ledger = {
  /** The occurrences that it takes for lasting: when each began, by alert key. */
  readonly open: ReadonlyMap<string, number>
  readonly problems: readonly string[]
  readonly messages: number
  has(idempotencyKey: string): boolean
  /** Gives the alerts that are news to it. */
  take(idempotencyKey: string, notification: Notification): readonly NotifiedAlert[]
}

export function createLedger(name: string): Ledger {
  const open = new Map<string, number>()
  const ended = new Set<string>()
  const keys = new Set<string>()
  const problems: string[] = []
  const complain = (what: string): void => void problems.push(`${name}: ${what}`)
  const shown = ({ labels, startsAt }: NotifiedAlert): string =>
    `${labels['alertname']} ${labels['device']} ${labels['severity']} of ${startsAt}`

  function end(alert: NotifiedAlert): void {
    const id = `${alert.key} ${alert.startsAt}`
    if (ended.has(id)) complain(`${shown(alert)} ends twice`)
    else if (open.get(alert.key) !== alert.startsAt)
      complain(`${shown(alert)} ends without having fired`)
    open.delete(alert.key)
    ended.add(id)
  }

  function begin(alert: NotifiedAlert): boolean {
    if (ended.has(`${alert.key} ${alert.startsAt}`)) complain(`${shown(alert)} fires after its end`)
    const before = open.get(alert.key)
    if (before === alert.startsAt) return false
    if (before !== undefined) complain(`${shown(alert)} fires before ${before} ended`)
    open.set(alert.key, alert.startsAt)
    return true
  }

  return {
    open,
    problems,
    get messages() {
      return keys.size
    },
    has: (key) => keys.has(key),
    take(key, notification) {
      if (keys.has(key)) return []
      keys.add(key)
      const { alerts, reason } = notification
      // Ends first: a message is one moment, and its order says nothing.
      for (const alert of alerts) if (alert.endsAt > 0) end(alert)
      const news = alerts.filter((alert) => alert.endsAt === 0 && begin(alert))
      const isNews = reason === 'first notification' || reason === 'new alerts added'
      if (isNews && news.length === 0) complain(`“${reason}” told again of what it knew`)
      if (!isNews && news.length > 0) complain(`“${reason}” told of ${news.map(shown).join()}`)
      return news
    },
  }
}
