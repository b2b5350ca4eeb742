/** What stands after `base.` in an OID under it; null for one that isn't. `1.3.6.1` under `1.3` is `6.1`. */
export function indexUnder(oid: string, base: string): string | null {
  return oid.charCodeAt(base.length) === DOT && oid.startsWith(base)
    ? oid.slice(base.length + 1)
    : null
}

/**
 * Below 0 when `a` comes before `b` in the order of an agent's walk, 0 when they are equal. It is called for every cell of
 * a walk, so nothing is split: where two OIDs part, the longer number is the greater one.
 */
export function compareOids(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  let at = 0
  while (at < shared && a.charCodeAt(at) === b.charCodeAt(at)) at++
  if (at === shared) return a.length - b.length
  const digits = arcEnd(a, at) - arcEnd(b, at)
  return digits === 0 ? a.charCodeAt(at) - b.charCodeAt(at) : digits
}

const DOT = 0x2e

function arcEnd(oid: string, from: number): number {
  let at = from
  while (at < oid.length && oid.charCodeAt(at) !== DOT) at++
  return at
}
