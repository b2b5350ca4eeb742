import { DecisionError } from '../../lib/decisions/decision-error.ts'
import { isDoubtful } from '../../lib/redis/refusal.ts'
import { Problem } from '../problem.ts'

/** Does what somebody decided; rejects with Problem. `asItIs`: what is in force where somebody else was quicker. */
export async function deciding<T>(
  work: () => Promise<T>,
  asItIs: () => Promise<unknown> = async () => null,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error
    throw await problemOf(error, asItIs)
  }
}

async function problemOf(error: DecisionError, asItIs: () => Promise<unknown>): Promise<Problem> {
  const { reason, message } = error
  const cause = { cause: error }
  switch (reason) {
    case 'invalid':
      return new Problem(400, 'Bad body', message, {}, cause)
    case 'not-found':
      return new Problem(404, 'Not found', message, {}, cause)
    case 'conflict':
      return new Problem(409, 'Changed meanwhile', message, { current: await asItIs() }, cause)
    case 'full':
      return new Problem(507, 'No room', `${message}: nothing was changed`, {}, cause)
    case 'unavailable': {
      if (isDoubtful(error.cause)) {
        const detail = `${message}: whether it was changed shows once it does`
        return new Problem(503, 'No answer in time', detail, { reason: 'redis' }, cause)
      }
      const detail = `${message}: nothing was changed`
      return new Problem(503, 'Nothing was changed', detail, { reason: 'redis' }, cause)
    }
  }
}
