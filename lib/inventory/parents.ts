import { show } from '../config/explain.ts'
import { didYouMean } from '../config/nearest.ts'
import type { Problem } from '../config/problem.ts'
import type { Entry } from './entry.ts'

/** Looking for the nearest of 10,000 ids costs milliseconds: past so many, a message goes without. */
const MAX_HINTS = 50

/** Parents that don't exist, and devices that are behind themselves. */
export function checkParents(entries: readonly Entry[], ids: ReadonlySet<string>): Problem[] {
  return [...checkKnown(entries, ids), ...checkCycles(entries)]
}

function checkKnown(entries: readonly Entry[], ids: ReadonlySet<string>): Problem[] {
  const problems: Problem[] = []
  const hints = new Map<string, string>()
  for (const { file, record, device } of entries) {
    for (const [index, parent] of device.parents.entries()) {
      if (ids.has(parent)) continue
      const known = hints.get(parent)
      const hint = known ?? (hints.size < MAX_HINTS ? didYouMean(parent, ids) : '')
      if (known === undefined) hints.set(parent, hint)
      const message = `no device has the id ${show(parent)}${hint || listHint(parent)}`
      const line = record.line(['parents', index])
      problems.push({ file, line, device: device.id, path: 'parents', message })
    }
  }
  return problems
}

const listHint = (parent: string): string =>
  /[,;]/.test(parent) ? ': in CSV, separate several with |' : ''

/** Each device is walked over once, upwards: a walk that meets itself has found a cycle. */
function checkCycles(entries: readonly Entry[]): Problem[] {
  const byId = new Map(entries.map((entry) => [entry.device.id, entry]))
  const done = new Set<string>()
  const problems: Problem[] = []
  for (const start of byId.keys()) {
    const cycle = findCycle(start, (id) => byId.get(id)?.device.parents ?? [], done)
    const entry = cycle === null ? undefined : byId.get(cycle[0] ?? '')
    if (cycle === null || entry === undefined) continue
    const message = `a device can't be behind itself: ${[...cycle, cycle[0]].join(' → ')}`
    const line = entry.record.line(['parents'])
    problems.push({ file: entry.file, line, device: entry.device.id, path: 'parents', message })
  }
  return problems
}

/**
 * The first cycle that is reached from `start` through devices that aren't `done`, which are done afterwards. Without
 * recursion: a chain of parents may be as long as the fleet.
 */
export function findCycle(
  start: string,
  parentsOf: (id: string) => readonly string[],
  done: Set<string>,
): readonly string[] | null {
  if (done.has(start)) return null
  let found: readonly string[] | null = null
  const path = [{ id: start, next: 0 }]
  const onPath = new Set([start])
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const parent = parentsOf(top.id)[top.next++]
    if (parent === undefined) {
      path.pop()
      onPath.delete(top.id)
      done.add(top.id)
    } else if (onPath.has(parent)) {
      found ??= path.slice(path.findIndex(({ id }) => id === parent)).map(({ id }) => id)
    } else if (!done.has(parent)) {
      path.push({ id: parent, next: 0 })
      onPath.add(parent)
    }
  }
  return found
}
