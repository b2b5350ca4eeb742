import type { BlastRadius } from '../availability/topology.ts'

export const countOf = (count: number): string => `${count} ${count === 1 ? 'device' : 'devices'}`

/** `30 devices unreachable behind Vake router, in 4 branches (12 of them known not to answer)` */
export function sentenceOf({ unreachable, confirmed }: BlastRadius, name: string): string {
  const count = unreachable.length
  if (count === 0) return ''
  const branches = new Set(unreachable.map(({ branch }) => branch)).size
  const where = branches > 1 ? `, in ${branches} branches` : ''
  const known = confirmed < count ? ` (${confirmed} of them known not to answer)` : ''
  return `${countOf(count)} unreachable behind ${name}${where}${known}`
}

const MOST_BRANCHES = 20

/** `Vake 12, Saburtalo 7`: the devices of each branch, most first; empty where all are of one branch. */
export function branchesOf({ unreachable }: BlastRadius): string {
  const counts = new Map<string, number>()
  for (const { branch } of unreachable) counts.set(branch, (counts.get(branch) ?? 0) + 1)
  if (counts.size < 2) return ''
  const most = [...counts].sort(([, a], [, b]) => b - a)
  const named = most
    .slice(0, MOST_BRANCHES)
    .map(([branch, count]) => `${branch === '' ? 'without a branch' : branch} ${count}`)
  const rest = most.length - named.length
  return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ')
}
