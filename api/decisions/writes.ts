import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type ApiEnv, requires } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { oneOf } from '../query-parameters.ts'
import { refusal } from '../responses.ts'

const MOST_BYTES = 1_048_576

/** In front of what an operator writes. */
export const written: [MiddlewareHandler<ApiEnv>, MiddlewareHandler<ApiEnv>] = [
  requires('operator'),
  bodyLimit({
    maxSize: MOST_BYTES,
    onError() {
      throw new Problem(413, 'Too large', `expected a body of at most ${MOST_BYTES} bytes`)
    },
  }),
]

/** How such a request may be refused. */
export const mayBeRefused = {
  400: refusal('A body that makes no sense, or a name that there is not'),
  401: refusal('Signing in is needed'),
  403: refusal("Not by this role, or outside of one's scope"),
  503: refusal('Redis is away: nothing was changed'),
  507: refusal('Too many are kept: nothing was changed'),
}

export const notThere = { 404: refusal('There is none of this id') }

export const conflicting = {
  409: refusal(
    'Somebody else changed it meanwhile, or it stands in the configuration; `current` is as it is',
  ),
}

/** Says what would be written, and writes nothing. */
export const dryRun = oneOf(['true', 'false'])
  .optional()
  .transform((value) => value === 'true')
  .meta({ description: 'Nothing is written: the answer says what it would be about' })
