import { Hono, type MiddlewareHandler } from 'hono'
import { errorJson } from './vmalert-error.ts'
import { type VmalertParts, vmalertApp } from './vmalert.ts'

export type AlertingParts = {
  /** `/metrics` and `/health`: createOpsApp. */
  readonly ops: Hono
  /** `/api/v2/…`: alertmanagerApp. */
  readonly alertmanager: Hono
  readonly vmalert: VmalertParts
  /** Takes what an instance that stands by can't answer itself: passOn. */
  readonly standby?: MiddlewareHandler
}

/** All of alerting's port: its own metrics and health, vmalert's API, and Alertmanager's at its own place and below `/alertmanager`. */
export function createAlertingApp({ ops, alertmanager, vmalert, standby }: AlertingParts): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })
  if (standby !== undefined) app.use(standby)
  app.route('/', ops)
  app.route('/', vmalertApp(vmalert))
  app.route('/', alertmanager)
  app.route('/alertmanager', alertmanager)
  const paths = ['/api/v1/rules', '/api/v1/alerts', '/api/v2/status', '/-/reload', '/metrics']
  app.notFound((c) =>
    errorJson(c, 404, `nothing is at ${c.req.path}; there are ${paths.join(', ')} and others`),
  )
  return app
}
