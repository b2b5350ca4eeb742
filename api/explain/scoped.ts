import type { Inventory } from '../../lib/inventory.ts'
import type { Verdict } from './verdict.ts'

/** Pure: a verdict for somebody who sees these devices alone. The others led to it, but aren't named. */
export function verdictFor(verdict: Verdict, seen: Inventory): Verdict {
  const isOther = ({ by, cause }: Verdict['held'][number]): boolean =>
    by === 'parent' && !seen.has(cause)
  return {
    ...verdict,
    parents: verdict.parents.filter(({ id }) => seen.has(id)),
    causes: verdict.causes.filter((id) => seen.has(id)),
    held: verdict.held.map((held) => (isOther(held) ? { ...held, cause: '' } : held)),
  }
}
