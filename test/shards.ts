import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { SECONDS } from './seconds.ts'

/** What a file takes that isn't among them. */
const USUAL_SECONDS = 3

/** Parts of about the same length: the longest files first, each to the part that has the least so far. */
export function balance(
  files: readonly string[],
  count: number,
  seconds: Readonly<Record<string, number>>,
): string[][] {
  const parts = Array.from({ length: count }, () => ({ files: [] as string[], seconds: 0 }))
  const takes = (file: string): number => seconds[file] ?? USUAL_SECONDS
  const longestFirst = files.toSorted().toSorted((one, other) => takes(other) - takes(one))
  for (const file of longestFirst) {
    const least = parts.reduce((best, part) => (part.seconds < best.seconds ? part : best))
    least.files.push(file)
    least.seconds += takes(file)
  }
  return parts.map((part) => part.files)
}

/** vitest's own shards have the same number of files each, and one of them may have all the long ones. */
export default class BalancedShards extends BaseSequencer {
  override async shard(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const { root, shard } = this.ctx.config
    if (shard === undefined) return specifications
    const nameOf = ({ moduleId }: TestSpecification): string => relative(root, moduleId)
    const parts = balance(specifications.map(nameOf), shard.count, SECONDS)
    const own = new Set(parts[shard.index - 1])
    return specifications.filter((specification) => own.has(nameOf(specification)))
  }
}
