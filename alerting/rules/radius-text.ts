import type { BlastRadius } from '../availability/topology.ts'

export const countOf = (count: number): string => `${count} ${count === 1 ? 'device' : 'devices'}`

const MOST_IN_SENTENCE = 3
const MOST_BRANCHES = 20

/** `30 devices unreachable behind R1, in 4 branches (Vake 12, Saburtalo 9, Gldani 5, 1 more); 12 of them are confirmed`. */
export function sentenceOf(radius: BlastRadius, name: string): string {
  const { unreachable, confirmed } = radius
  const count = unreachable.length
  if (count === 0) return ''
  const branches = byBranch(radius)
  const where =
    branches.length > 1
      ? `, in ${branches.length} branches (${inShort(branches, MOST_IN_SENTENCE)})`
      : ''
  // In the first message hardly one can be, and in the end all are: neither says anything.
  const isPart = confirmed > 0 && confirmed < count
  const known = isPart ? `; ${confirmed} of them ${confirmed === 1 ? 'is' : 'are'} confirmed` : ''
  return `${countOf(count)} unreachable behind ${name}${where}${known}`
}

/** `Vake 12, Saburtalo 7`: the devices of each branch, most first; empty where all are of one branch. */
export function branchesOf(radius: BlastRadius): string {
  const branches = byBranch(radius)
  return branches.length < 2 ? '' : inShort(branches, MOST_BRANCHES)
}

type Branch = readonly [name: string, devices: number]

function byBranch({ unreachable }: BlastRadius): Branch[] {
  const counts = new Map<string, number>()
  for (const { branch } of unreachable) counts.set(branch, (counts.get(branch) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}

function inShort(branches: readonly Branch[], most: number): string {
  const named = branches
    .slice(0, most)
    .map(([branch, count]) => `${branch === '' ? 'without a branch' : branch} ${count}`)
  const rest = branches.length - named.length
  return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ')
}
