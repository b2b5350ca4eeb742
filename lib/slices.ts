import { setImmediate } from 'node:timers/promises'

/** Work that stops now and then: each `yield` is a place where others may run. */
export type Sliced<T> = Generator<undefined, T, undefined>

/** How long one piece of work keeps everybody else waiting. */
const TURN_MS = 1

/** Does it piece by piece: whoever asks meanwhile is answered between two pieces. */
export async function inSlices<T>(work: Sliced<T>): Promise<T> {
  let until = performance.now() + TURN_MS
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
    if (performance.now() < until) continue
    await setImmediate()
    until = performance.now() + TURN_MS
  }
}

/** Does it in one go. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}
