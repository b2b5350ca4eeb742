import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Clock } from '../../lib/clock.ts'
import { DecisionError } from '../../lib/decisions/decision-error.ts'
import type { Decisions } from '../../lib/decisions/decisions.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Logger } from '../../lib/log.ts'
import { compileMatcher, parseMatcher } from '../../lib/matchers.ts'
import { type AlertFilter, type AlertsView, alertsJson, groupsJson } from './alertmanager-alerts.ts'
import { ApiError, answerError } from './alertmanager-error.ts'
import { readSilence, selectSilences, silenceJson } from './alertmanager-silences.ts'

export type AlertmanagerParts = {
  readonly decisions: Pick<Decisions, 'current' | 'putSilence' | 'expireSilence'>
  /** The notifier's. */
  readonly view: () => AlertsView
  readonly receivers: readonly string[]
  /** As Alertmanager would have it: `alertmanagerConfig`. */
  readonly config: string
  readonly version: string
  /** The page of what an alert is about. */
  readonly generatorUrl: (labels: Labels) => string
  readonly clock: Pick<Clock, 'now'>
  readonly log: Logger
}

const MOST_BYTES = 1_048_576
/** Whoever ends a silence by this API doesn't say who it is. */
const SOMEBODY = "Alertmanager's API"

/** Alertmanager's API v2, as amtool, Grafana and karma use it: `/api/v2/…`. */
export function alertmanagerApp(parts: AlertmanagerParts): Hono {
  const { decisions, view, clock, log } = parts
  const startedAt = clock.now()
  const app = new Hono()
  app.onError((error, c) => answerError(error, c, log))
  app.use('/api/v2/*', async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
  })

  app.get('/api/v2/status', (c) =>
    c.json({
      cluster: { peers: [], status: 'disabled' },
      config: { original: parts.config },
      uptime: new Date(startedAt).toISOString(),
      versionInfo: {
        branch: 'wardline',
        buildDate: '',
        buildUser: '',
        goVersion: '',
        revision: '',
        version: parts.version,
      },
    }),
  )
  app.get('/api/v2/receivers', (c) => c.json(parts.receivers.map((name) => ({ name }))))

  app.get('/api/v2/silences', (c) => {
    const { searchParams } = new URL(c.req.url)
    const states = (['active', 'pending', 'expired'] as const).filter((state) =>
      isAsked(searchParams, state),
    )
    const matchers = searchParams.getAll('filter').map(parseMatcher)
    const at = clock.now()
    const silences = selectSilences(decisions.current.silences, { matchers, states }, at)
    return c.json(silences.map((silence) => silenceJson(silence, at)))
  })
  app.post('/api/v2/silences', bodyLimit({ maxSize: MOST_BYTES, onError: tooLarge }), async (c) => {
    const silence = await decisions.putSilence(readSilence(await readJson(c.req.raw)))
    return c.json({ silenceID: silence.id })
  })
  app.get('/api/v2/silence/:id', (c) => {
    const id = readId(c.req.param('id'))
    const silence = decisions.current.silences.find((each) => each.id === id)
    if (silence === undefined) throw new ApiError(404, '', { body: 'none' })
    return c.json(silenceJson(silence, clock.now()))
  })
  app.delete('/api/v2/silence/:id', async (c) => {
    await decisions.expireSilence(readId(c.req.param('id')), SOMEBODY).catch((error: unknown) => {
      if (error instanceof DecisionError && error.reason === 'not-found')
        throw new ApiError(404, '', { body: 'none' })
      throw error
    })
    return c.body(null, 200)
  })

  app.get('/api/v2/alerts', (c) => {
    const filter = readFilter(new URL(c.req.url).searchParams)
    return c.json(alertsJson(view().alerts, filter, jsonParts()))
  })
  app.get('/api/v2/alerts/groups', (c) => {
    const filter = readFilter(new URL(c.req.url).searchParams)
    return c.json(groupsJson(view(), filter, jsonParts()))
  })

  for (const [path, allowed] of METHODS) app.all(path, (c) => refuseMethod(c.req.method, allowed))
  app.all('/api/v2/*', (c) => {
    throw new ApiError(404, `path ${c.req.path} was not found`, { body: 'object' })
  })
  return app

  function jsonParts() {
    return { at: clock.now(), generatorUrl: parts.generatorUrl }
  }
}

const METHODS = [
  ['/api/v2/status', 'GET'],
  ['/api/v2/receivers', 'GET'],
  ['/api/v2/silences', 'GET,POST'],
  ['/api/v2/silence/:id', 'DELETE,GET'],
  // An alert is the state of a rule, which wardline evaluates itself: it takes none from elsewhere.
  ['/api/v2/alerts', 'GET'],
  ['/api/v2/alerts/groups', 'GET'],
] as const

function tooLarge(): never {
  throw new ApiError(413, `expected a body of at most ${MOST_BYTES} bytes`, { body: 'object' })
}

function refuseMethod(method: string, allowed: string): never {
  throw new ApiError(405, `method ${method} is not allowed, but [${allowed}] are`, {
    body: 'object',
  })
}

/** Also what keeps pages of other origins out: a browser asks before it sends JSON there. */
const JSON_TYPE = /^application\/json\s*(;|$)/i

async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type') ?? ''
  if (!JSON_TYPE.test(type))
    throw new ApiError(
      415,
      `unsupported media type "${type}", only [application/json] are allowed`,
      { body: 'object' },
    )
  try {
    return await request.json()
  } catch {
    throw new ApiError(400, 'parsing silence body failed: it is no JSON', { body: 'object' })
  }
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

function readId(text: string): string {
  if (UUID.test(text)) return text.toLowerCase()
  throw new ApiError(422, `silenceID in path must be of type uuid: ${JSON.stringify(text)}`, {
    body: 'object',
    code: 601,
  })
}

function readFilter(parameters: URLSearchParams): AlertFilter {
  const receiver = parameters.get('receiver')
  return {
    matchers: parameters.getAll('filter').map(parseMatcher),
    active: isAsked(parameters, 'active'),
    silenced: isAsked(parameters, 'silenced'),
    inhibited: isAsked(parameters, 'inhibited'),
    receiver:
      receiver === null || receiver === ''
        ? null
        : compileMatcher({ name: 'receiver', value: receiver, isRegex: true, isEqual: true }),
  }
}

/** Unless told otherwise. What isn't a yes is a no, as Alertmanager reads it. */
const isAsked = (parameters: URLSearchParams, name: string): boolean =>
  /^(|true|t|1|yes|y|ok|on|enabled|selected|checked)$/i.test(parameters.get(name) ?? '')
