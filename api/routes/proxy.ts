import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ApiParts } from '../app.ts'
import { DecisionError } from '../../lib/decisions/decision-error.ts'
import { wholeFleet } from '../auth/whole-fleet.ts'
import { deciding } from '../decisions/refused.ts'
import { type ApiEnv, requires } from '../endpoint.ts'
import { Problem } from '../problem.ts'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])
const operator = requires('operator')
const SILENCES = '/alertmanager/api/v2/silences'
const MOST_BYTES = 1_048_576
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const bounded = bodyLimit({
  maxSize: MOST_BYTES,
  onError() {
    throw new Problem(413, 'Too large', `expected a body of at most ${MOST_BYTES} bytes`)
  },
})

/** vmalert's and Alertmanager's APIs, which alerting serves at its own port: other paths there are its own business. */
export function proxyRoutes({ alerting, auth, decisions }: ApiParts): Hono<ApiEnv> {
  const forward = (c: Context<ApiEnv>): Promise<Response> => alerting.forward(c.req.raw)

  return new Hono<ApiEnv>()
    .use('/vmalert/*', wholeFleet, writes)
    .use('/alertmanager/*', wholeFleet, writes)
    .post(SILENCES, bounded, async (c) =>
      alerting.forward(await signed(c.req.raw, c.get('principal').name)),
    )
    .delete('/alertmanager/api/v2/silence/:id', (c) => endSilence(c, c.req.param('id')))
    .all('/vmalert/*', forward)
    .all('/alertmanager/*', forward)

  /** Alertmanager's API has no word for who ends a silence: it is whoever asks. */
  async function endSilence(c: Context<ApiEnv>, id: string): Promise<Response> {
    // What it answers to another id, or to one that isn't there, is alerting's to say.
    if (!UUID.test(id)) return forward(c)
    try {
      await decisions.expireSilence(id.toLowerCase(), c.get('principal').name)
    } catch (error) {
      if (error instanceof DecisionError && error.reason === 'not-found') return forward(c)
      return deciding(() => Promise.reject(error as Error))
    }
    return c.body(null, 200)
  }

  async function writes(c: Context<ApiEnv>, next: () => Promise<void>): Promise<Response | void> {
    const isRead = READS.has(c.req.method)
    if (isRead && !c.req.path.includes('/-/')) return next()
    // Reading again is asked for by GET, too, which a page elsewhere could lead a browser to.
    if (isRead && c.get('principal').kind !== 'token') auth.origins.checkSameSite(c, true)
    return operator(c, next)
  }
}

/** Who silences is whoever asks, whatever the body says. */
async function signed(request: Request, createdBy: string): Promise<Request> {
  const text = await request.text()
  const { url, method, headers, signal } = request
  return new Request(url, { method, headers, signal, body: withAuthor(text, createdBy) })
}

function withAuthor(text: string, createdBy: string): string {
  const silence = parsed(text)
  // What is no silence is alerting's to refuse.
  if (typeof silence !== 'object' || silence === null || Array.isArray(silence)) return text
  try {
    return JSON.stringify({ ...silence, createdBy })
  } catch {
    // What can be read but not written: never passed on with the author that it names.
    throw new Problem(400, 'Bad body', 'expected a silence: this is nested too deeply')
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
