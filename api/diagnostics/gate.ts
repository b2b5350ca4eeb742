import { Problem } from '../problem.ts'

/** Lets so many in at once, of all who ask. */
export type Gate = {
  /** Dispose it when it is done. Throws a 429 while there is no room. */
  enter(): Disposable
}

const AT_ONCE = 4
const WAIT_SECONDS = 5

export function createGate(): Gate {
  let inside = 0
  return {
    enter() {
      if (inside >= AT_ONCE)
        throw new Problem(
          429,
          'Too many',
          `${AT_ONCE} diagnostics are running, which are as many as there may be: try again in ${WAIT_SECONDS} s`,
          { retry_after_seconds: WAIT_SECONDS },
        )
      inside++
      let isLeft = false
      return {
        [Symbol.dispose]() {
          if (!isLeft) inside--
          isLeft = true
        },
      }
    },
  }
}
