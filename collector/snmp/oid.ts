/** What stands after `base.` in an OID under it; null for one that isn't. `1.3.6.1` under `1.3` is `6.1`. */
export function indexUnder(oid: string, base: string): string | null {
  return oid.startsWith(base) && oid[base.length] === '.' ? oid.slice(base.length + 1) : null
}

/** Below 0 when `a` comes before `b` in the order of an agent's walk, 0 when they are equal. */
export function compareOids(a: string, b: string): number {
  const left = a.split('.')
  const right = b.split('.')
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    const difference = Number(left[i]) - Number(right[i])
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
