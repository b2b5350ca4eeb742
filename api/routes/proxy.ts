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
export function proxyRoutes({ alerting }: ApiParts): Hono<ApiEnv> {
  const forward = (c: Context<ApiEnv>): Promise<Response> => alerting.forward(c.req.raw)

  return new Hono<ApiEnv>()
    .use('/vmalert/*', wholeFleet, writes)
    .use('/alertmanager/*', wholeFleet, writes)
    .post(SILENCES, bounded, async (c) =>
      alerting.forward(await signed(c.req.raw, c.get('principal').name)),
    )
    .all('/vmalert/*', forward)
    .all('/alertmanager/*', forward)

  /** Reading again is asked for by GET, too. */
  async function writes(c: Context<ApiEnv>, next: () => Promise<void>): Promise<Response | void> {
    const isRead = READS.has(c.req.method) && !c.req.path.includes('/-/')
    return isRead ? next() : operator(c, next)
  }
}

/** Who silences is whoever asks, whatever the body says. */
async function signed(request: Request, createdBy: string): Promise<Request> {
  const text = await request.text()
  const { url, method, headers, signal } = request
  return new Request(url, { method, headers, signal, body: withAuthor(text, createdBy) })
}

/** What is no silence is alerting's to refuse. */
function withAuthor(text: string, createdBy: string): string {
  try {
    const silence: unknown = JSON.parse(text)
    const isMap = typeof silence === 'object' && silence !== null && !Array.isArray(silence)
    return isMap ? JSON.stringify({ ...silence, createdBy }) : text
  } catch {
    return text
  }
}
