import type { OpenAPIHono } from '@hono/zod-openapi'
import { compress } from 'hono/compress'
import { routePath } from 'hono/route'
import { didYouMean } from '../lib/config/nearest.ts'
import type { Clock } from '../lib/clock.ts'
import type { Decisions } from '../lib/decisions/decisions.ts'
import type { InventorySource } from '../lib/inventory.ts'
import type { Logger } from '../lib/log.ts'
import type { Registry } from '../lib/metrics.ts'
import type { VictoriaMetrics } from '../lib/victoriametrics.ts'
import type { Assessor } from './assessor.ts'
import type { EventHub } from './events/hub.ts'
import type { ApiMeter } from './meter.ts'
import type { AlertingProxy } from './proxy.ts'
import { Problem, answerError } from './problem.ts'
import { ANYBODY } from './auth/principal.ts'
import { type ApiEnv, createEndpoints } from './endpoint.ts'
import { deviceRoutes } from './routes/devices.ts'
import { eventRoutes } from './routes/events.ts'
import { explainRoutes } from './routes/explain.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { healthRoutes } from './routes/health.ts'
import { openApiRoutes } from './routes/openapi.ts'
import { type loadPage, pageRoutes } from './routes/page.ts'
import { proxyRoutes } from './routes/proxy.ts'
import { queueRoutes } from './routes/queues.ts'
import { snmpRoutes } from './routes/snmp.ts'
import type { StatusView } from './status-view.ts'

/** What the routes answer with. */
export type ApiParts = {
  readonly view: StatusView
  readonly hub: EventHub
  readonly assessor: Assessor
  readonly inventory: InventorySource
  readonly historyStore: Pick<VictoriaMetrics, 'query' | 'queryRange' | 'exportCsv'>
  readonly decisions: Pick<Decisions, 'current' | 'log'>
  /** `alerting.interval`: how often alerts are written. */
  readonly evaluationMs: number
  readonly alerting: AlertingProxy
  readonly page: Awaited<ReturnType<typeof loadPage>>
  readonly registry: Registry
  readonly version: string
  readonly meter: ApiMeter
  readonly clock: Clock
  readonly log: Logger
}

const COMPRESSED = /^(application\/(problem\+)?json|text\/(html|css|javascript))/

/** The whole HTTP interface, without a port: `app.request()` tests it. */
export function createApp(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { meter, log } = parts
  const app = createEndpoints()

  app.use(async (c, next) => {
    const startedAt = performance.now()
    await next()
    const route = c.res.status === 404 ? 'none' : routePath(c, -1)
    const of = { method: c.req.method, route, status: c.res.status }
    meter.request(of, (performance.now() - startedAt) / 1000)
  })
  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Referrer-Policy', 'no-referrer')
  })
  app.use(async (c, next) => {
    c.set('principal', ANYBODY)
    await next()
  })
  app.use(compress({ contentTypeFilter: COMPRESSED }))

  app.route('/', healthRoutes(parts))
  app.route('/api/v1', deviceRoutes(parts))
  app.route('/api/v1', explainRoutes(parts))
  app.route('/api/v1', fleetRoutes(parts))
  app.route('/api/v1', snmpRoutes(parts))
  app.route('/api/v1', eventRoutes(parts))
  app.route('/api/v1', queueRoutes(parts))
  // Where the predecessor's clients look for it.
  app.route('/api', queueRoutes(parts))
  app.route('/api', openApiRoutes(parts))
  app.route('/', proxyRoutes(parts))
  app.route('/', pageRoutes(parts.page))

  const paths = [...new Set(app.routes.map(({ path }) => path))].filter((path) => path !== '/*')
  app.notFound((c) => {
    const { method, path } = c.req
    if (isRead(path)) {
      c.header('Allow', 'GET, HEAD')
      return answerError(
        new Problem(405, 'Not allowed', `${method} ${path} is not offered: GET is`),
        c,
        log,
      )
    }
    const hint = didYouMean(path, paths)
    return answerError(new Problem(404, 'Not found', `nothing is at ${path}${hint}`), c, log)
  })
  app.onError((error, c) => answerError(error, c, log))
  return app

  /** Whether something is at this path: middleware, which is at every one, aside. */
  function isRead(path: string): boolean {
    return app.router.match('GET', path)[0].some(([[, route]]) => route.method === 'GET')
  }
}
