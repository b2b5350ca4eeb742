import type { Acknowledgement } from '../../lib/decisions/acknowledgement.ts'
import type { Decided } from '../../lib/decisions/decided.ts'
import { fingerprint } from '../../lib/fingerprint.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Alert } from '../view/alerts.ts'

// Views come every second with the same label objects in them.
const fingerprints = new WeakMap<Labels, string>()

export function fingerprintOf({ labels }: Pick<Alert, 'labels'>): string {
  let known = fingerprints.get(labels)
  if (known === undefined) fingerprints.set(labels, (known = fingerprint(labels)))
  return known
}

/** What finds the acknowledgement of an alert, as of one instant. */
export function acknowledgements(
  { acknowledgements: given }: Pick<Decided, 'acknowledgements'>,
  at: number,
): (alert: Pick<Alert, 'labels' | 'activeAt' | 'state'>) => Acknowledgement | null {
  if (given.length === 0) return () => null
  const byAlert = Map.groupBy(given, ({ id }) => id)
  return (alert) => {
    const own = byAlert.get(fingerprintOf(alert)) ?? []
    return own.find((one) => covers(one, alert.activeAt ?? 0, at)) ?? null
  }
}

/** To the second, as an alert's start is kept; one that waited for its `for` fires later than it began. */
function covers(
  { at: givenAt, startsAt, expiresAt, sticky }: Acknowledgement,
  activeAt: number,
  at: number,
): boolean {
  if (givenAt > at || (expiresAt !== null && expiresAt <= at)) return false
  return sticky || Math.floor(startsAt / 1000) >= Math.floor(activeAt / 1000)
}
