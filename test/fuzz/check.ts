import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import type { Target } from './target.ts'

export type Verdict = {
  readonly inputs: number
  /** How many of them were read as good ones. */
  readonly taken: number
  readonly slowestMs: number
  /** The smallest input that was found to fail, and how; null when none did. */
  readonly failure: { readonly input: string; readonly error: string } | null
}

/** Sees each input before it is read, and after. */
export type Progress = { begin(input: unknown): void; ended(ms: number, isTaken: boolean): void }

const TURN_AFTER = 100

/** Gives a target so many inputs, which the seed alone decides. */
export async function check(
  target: Target,
  { seed, inputs }: { seed: number; inputs: number },
  progress?: Progress,
): Promise<Verdict> {
  let done = 0
  let taken = 0
  let slowestMs = 0
  const property = fc.asyncProperty(target.inputs, async (input) => {
    progress?.begin(input)
    const startedAt = performance.now()
    const isTaken = await target.read(input)
    const ms = performance.now() - startedAt
    progress?.ended(ms, isTaken)
    if (isTaken) taken++
    slowestMs = Math.max(slowestMs, ms)
    // What was let go is cleaned up in turns of the event loop, as a server has them.
    if (++done % TURN_AFTER === 0) await turn()
  })
  const details = await fc.check(property, { seed, numRuns: inputs })
  await target.end?.()
  const { failed, counterexample, errorInstance } = details
  return {
    inputs: details.numRuns,
    taken,
    slowestMs,
    failure: failed
      ? { input: fc.stringify(counterexample?.[0]), error: errorText(errorInstance) }
      : null,
  }
}

const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
