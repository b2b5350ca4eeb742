import { growthOf, hasGrown } from '../growth.ts'
import type { History, Violation } from './history.ts'
import { expectedOutages, wrongOutages } from './outages.ts'
import { lostProbes, lostSamples, wrongSamples } from './samples.ts'
import { wronglyShown } from './shown.ts'
import { blindnessToldFalsely, blindnessUntold, wronglyTold } from './told.ts'

/** A life shorter than this is warming up throughout. */
const LEAST_LIFE_MS = 120_000
const MEMORY = { share: 0.3, least: 40e6 }

/** All that was not as it must be, in the order of time. */
export function judge(history: History): Violation[] {
  const expected = expectedOutages(history)
  const violations = [
    ...lostSamples(history),
    ...lostProbes(history),
    ...wrongSamples(history),
    ...wrongOutages(history, expected),
    ...wronglyTold(history, expected),
    ...blindnessUntold(history),
    ...blindnessToldFalsely(history),
    ...wronglyShown(history, expected),
    ...growing(history),
    ...history.deaths.map(({ component, at, words }): Violation => ({
      kind: 'ended by itself',
      at,
      what: `${component}: ${words}`,
    })),
    ...history.inVain.map((what): Violation => ({
      kind: 'not quiet in the end',
      at: history.endAt,
      what,
    })),
  ]
  return violations.sort((a, b) => a.at - b.at)
}

function growing({ memory }: History): Violation[] {
  return memory.flatMap(({ component, pid, readings }): Violation[] => {
    const [first, last] = [readings[0], readings.at(-1)]
    if (first === undefined || last === undefined || last.at - first.at < LEAST_LIFE_MS) return []
    const growth = growthOf(readings.map(({ at, bytes }) => ({ at, value: bytes })))
    if (growth === null || !hasGrown(growth, MEMORY)) return []
    const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
    const what = `${component} (process ${pid}) grew from ${mb(growth.early)} to ${mb(growth.late)}`
    return [{ kind: 'memory grows', at: last.at, what }]
  })
}
