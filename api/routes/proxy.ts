import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ApiParts } from '../app.ts'
import { wholeFleet } from '../auth/whole-fleet.ts'
import { type ApiEnv, requires } from '../endpoint.ts'
import { Problem } from '../problem.ts'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])
const operator = requires('operator')
const SILENCES = '/alertmanager/api/v2/silences'
const MOST_BYTES = 1_048_576

const bounded = bodyLimit({
  maxSize: MOST_BYTES,
  onError() {
    throw new Problem(413, 'Too large', `expected a body of at most ${MOST_BYTES} bytes`)
  },
})

/** vmalert's and Alertmanager's APIs, which alerting serves at its own port: other paths there are its own business. */
export function proxyRoutes({ alerting, auth }: ApiParts): Hono<ApiEnv> {
  const forward = (c: Context<ApiEnv>): Promise<Response> => alerting.forward(c.req.raw)

  return new Hono<ApiEnv>()
    .use('/vmalert/*', wholeFleet, writes)
    .use('/alertmanager/*', wholeFleet, writes)
    .post(SILENCES, bounded, async (c) =>
      alerting.forward(await signed(c.req.raw, c.get('principal').name)),
    )
    .all('/vmalert/*', forward)
    .all('/alertmanager/*', forward)

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
