import { randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import type { CanaryConfig } from '../../lib/config/canary.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Registry } from '../../lib/metrics.ts'
import type { SampleWriter } from '../../lib/sample-writer.ts'
import { Secret } from '../../lib/secret.ts'
import { alertSeries } from '../alert-series.ts'
import type { Receiver } from '../notify/notification.ts'
import type { Notifier } from '../notify/notifier.ts'
import type { Externals } from '../notify/receivers/index.ts'
import type { Routing } from '../notify/routing.ts'
import { groupId } from '../rule-id.ts'
import { createSeriesKeeper, createStamps } from '../series.ts'
import { canaryApp } from './app.ts'
import { lostGroup } from './lost-rule.ts'
import { createCanaryMetrics } from './meter.ts'
import { CANARY_RECEIVER, listened, ownReceiver, withCanaryRoute } from './receiver.ts'
import { createCanaryWatch } from './watch.ts'

type Told = { readonly receivers: readonly Receiver[]; readonly routing: Routing }

/** The canary's parts for `main`, in the order in which it needs them. */
export type Canary = {
  /** To be served on alerting's port: where its messages come out. */
  readonly app: Hono
  /** The receivers and the routing with the canary's in them; `url` is alerting's own. */
  route(told: Told, url: string): Told
  /** Watches until the signal aborts. */
  run(
    deps: { notifier: Pick<Notifier, 'update'>; writer: SampleWriter; rewriteMs: number },
    signal: AbortSignal,
  ): Promise<void>
}

export function createCanary(
  config: CanaryConfig,
  {
    registry,
    externals,
    clock,
    log,
  }: { registry: Registry; externals: Externals; clock: Clock; log: Logger },
): Canary {
  const secret = new Secret(randomBytes(32).toString('hex'))
  const watch = createCanaryWatch({
    intervalMs: config.interval,
    meter: createCanaryMetrics(registry),
    clock,
    log,
  })
  const { arrived } = watch

  return {
    app: canaryApp({ secret, arrived, clock }),

    route({ receivers, routing }, url) {
      const { receiver: chosen } = config
      if (chosen === undefined) {
        const own = ownReceiver(url, secret, externals)
        return {
          receivers: [...receivers, own],
          routing: withCanaryRoute(routing, CANARY_RECEIVER),
        }
      }
      return {
        receivers: receivers.map((each) => (each.name === chosen ? listened(each, arrived) : each)),
        routing: withCanaryRoute(routing, chosen),
      }
    },

    async run({ notifier, writer, rewriteMs }, signal) {
      const id = groupId(lostGroup(() => null))
      const keeper = createSeriesKeeper(rewriteMs)
      const stamps = createStamps()
      await watch.run((alerts, at) => {
        notifier.update(id, alerts)
        const { samples, ended } = keeper.update(alertSeries(alerts), stamps(at))
        writer.end(ended)
        writer.write(samples)
      }, signal)
    },
  }
}

/** Without a canary nobody is told of what an earlier process' canary did. */
export const withoutCanary = (routing: Routing): Routing => withCanaryRoute(routing, null)
