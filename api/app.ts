import type { OpenAPIHono } from '@hono/zod-openapi'
import { compress } from 'hono/compress'
import { routePath } from 'hono/route'
import type { Clock } from '../lib/clock.ts'
import type { Decisions } from '../lib/decisions/decisions.ts'
import type { InventorySource } from '../lib/inventory.ts'
import type { Logger } from '../lib/log.ts'
import type { Registry } from '../lib/metrics.ts'
import type { VictoriaMetrics } from '../lib/victoriametrics.ts'
import type { Assessor } from './assessor.ts'
import type { EventHub } from './events/hub.ts'
import type { ApiMeter } from './meter.ts'
import { nearestName } from './nearest-name.ts'
import { refuseParameters } from './no-parameters.ts'
import type { AlertingProxy } from './proxy.ts'
import { Problem, answerError, isPageInBrowser, readRefusal } from './problem.ts'
import type { Auth } from './auth/auth.ts'
import { secureHeaders } from './auth/headers.ts'
import { authenticate } from './auth/middleware.ts'
import { type ApiEnv, createEndpoints } from './endpoint.ts'
import { openApiOf } from './openapi.ts'
import { acknowledgementRoutes } from './routes/acknowledgements.ts'
import { alertRoutes } from './routes/alerts.ts'
import { auditRoutes } from './routes/audit.ts'
import { collectorRoutes } from './routes/collectors.ts'
import { deviceEditRoutes } from './routes/device-edits.ts'
import { deviceNoteRoutes } from './routes/device-notes.ts'
import { deviceRoutes } from './routes/devices.ts'
import { type Diagnostics, diagnosticRoutes } from './routes/diagnostics.ts'
import { eventRoutes } from './routes/events.ts'
import { explainRoutes } from './routes/explain.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { healthRoutes } from './routes/health.ts'
import { interfaceRoutes } from './routes/interfaces.ts'
import { maintenanceRoutes } from './routes/maintenance.ts'
import { oidcRoutes } from './routes/oidc.ts'
import { openApiRoutes } from './routes/openapi.ts'
import { type loadPage, pageOfNothing, pageRoutes } from './routes/page.ts'
import { proxyRoutes } from './routes/proxy.ts'
import { queueRoutes } from './routes/queues.ts'
import { reportRoutes } from './routes/reports.ts'
import { sessionRoutes } from './routes/session.ts'
import { silenceRoutes } from './routes/silences.ts'
import { snmpRoutes } from './routes/snmp.ts'
import { sparklineRoutes } from './routes/sparklines.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { userRoutes } from './routes/users.ts'
import type { StatusView } from './status-view.ts'
import type { PastViews } from './view/past.ts'

/** What the routes answer with. */
export type ApiParts = {
  readonly view: StatusView
  readonly past: PastViews
  readonly hub: EventHub
  readonly assessor: Assessor
  readonly inventory: InventorySource
  readonly historyStore: Pick<
    VictoriaMetrics,
    'query' | 'queryRange' | 'exportCsv' | 'exportSeries'
  >
  readonly decisions: Omit<Decisions, typeof Symbol.asyncDispose>
  /** `alerting.interval`: how often alerts are written. */
  readonly evaluationMs: number
  readonly alerting: AlertingProxy
  readonly diagnostics: Diagnostics
  readonly auth: Auth
  readonly page: Awaited<ReturnType<typeof loadPage>>
  readonly registry: Registry
  readonly version: string
  readonly meter: ApiMeter
  readonly clock: Clock
  readonly log: Logger
}

const COMPRESSED = /^(application\/(problem\+)?json|text\/(html|css|javascript))/

/** Asked for all the time, and a kilobyte or two: to compress them takes longer than to send them, and holds up all others. */
const SHORT = new Set([
  '/api/v1/dashboard/stats',
  '/api/v1/health',
  '/api/v1/session',
  '/livez',
  '/readyz',
])

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

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
  app.use(secureHeaders(parts.auth.origins))
  app.use(authenticate(parts.auth))
  app.use(refuseParameters(app))
  const compressed = compress({ contentTypeFilter: COMPRESSED })
  app.use((c, next) => (SHORT.has(c.req.path) ? next() : compressed(c, next)))

  app.route('/', healthRoutes(parts))
  app.route('/api/v1', deviceRoutes(parts))
  app.route('/api/v1', deviceEditRoutes(parts))
  app.route('/api/v1', deviceNoteRoutes(parts))
  app.route('/api/v1', explainRoutes(parts))
  app.route('/api/v1', fleetRoutes(parts))
  app.route('/api/v1', snmpRoutes(parts))
  app.route('/api/v1', sparklineRoutes(parts))
  app.route('/api/v1', eventRoutes(parts))
  app.route('/api/v1', queueRoutes(parts))
  app.route('/api/v1', diagnosticRoutes(parts))
  app.route('/api/v1', alertRoutes(parts))
  app.route('/api/v1', acknowledgementRoutes(parts))
  app.route('/api/v1', silenceRoutes(parts))
  app.route('/api/v1', maintenanceRoutes(parts))
  app.route('/api/v1', interfaceRoutes(parts))
  app.route('/api/v1', collectorRoutes(parts))
  app.route('/api/v1', sessionRoutes(parts))
  app.route('/api/v1', oidcRoutes(parts))
  app.route('/api/v1', userRoutes(parts))
  app.route('/api/v1', tokenRoutes(parts))
  app.route('/api/v1', auditRoutes(parts))
  const reports = reportRoutes(parts)
  app.route('/api/v1', reports.api)
  app.route('/', reports.page)
  // Where the predecessor's clients look for it.
  app.route('/api', queueRoutes(parts))
  app.route(
    '/api',
    openApiRoutes(() => openApiOf(app, parts.version)),
  )
  app.route('/', proxyRoutes(parts))
  app.route('/', pageRoutes(parts.page))

  // One with a place to fill in is no name that somebody mistyped.
  const paths = [...new Set(app.routes.map(({ path }) => path))].filter(
    (path) => !/[:*]/.test(path),
  )
  const nothingHere = pageOfNothing(parts.page)
  app.notFound((c) => {
    const { method, path } = c.req
    const offered = methodsAt(path)
    if (offered.length > 0) {
      c.header('Allow', offered.join(', '))
      const detail = `${method} ${path} is not offered: ${offered.join(', ')} ${offered.length > 1 ? 'are' : 'is'}`
      return answerError(new Problem(405, 'Not allowed', detail), c, log)
    }
    if (isPageInBrowser(c)) return nothingHere(c)
    const near = nearestName(path, paths)
    const hint = near === null ? '' : `, did you mean ${near}?`
    return answerError(new Problem(404, 'Not found', `nothing is at ${path}${hint}`), c, log)
  })
  app.onError(async (error, c) => answerError(await readRefusal(error, c), c, log))
  return app

  /** What is offered at this path: middleware, which is at every one, aside. */
  function methodsAt(path: string): string[] {
    const has = (method: string): boolean =>
      app.router.match(method, path)[0].some(([[, route]]) => route.method === method)
    return METHODS.filter((method) => has(method === 'HEAD' ? 'GET' : method))
  }
}
