import { dirname } from 'node:path'
import { createDelivery, memoryBacklog } from '../lib/delivery.ts'
import { serveHttp } from '../lib/http-listen.ts'
import { createRegistry, setBuildInfo } from '../lib/metrics.ts'
import { createOpsApp } from '../lib/ops-app.ts'
import { createSampleWriter } from '../lib/sample-writer.ts'
import { pushOwnMetrics } from '../lib/self-metrics.ts'
import { CHANNELS, type Service } from '../lib/service.ts'
import { createCanary, withoutCanary } from './canary/wire.ts'
import { createEngine } from './engine.ts'
import { type AlertingMetrics, createAlertingMetrics } from './meter.ts'
import { createNotificationLog } from './notify/log.ts'
import { createDeliveryMetrics } from './notify/meter.ts'
import { createNotifier } from './notify/notifier.ts'
import { type Externals, receiverOf } from './notify/receivers/index.ts'
import { compileRouting } from './notify/routing.ts'
import { createReloadMetrics } from './reload-meter.ts'
import { openRules } from './reload.ts'
import { builtInRules } from './rules/index.ts'

/** A bare selector looks back 5 minutes: series that don't change are written far more often than that. */
const MAX_REWRITE_MS = 60_000
const AVAILABILITY = 'availability'
const BUFFER_BYTES = 16_777_216

/** Derives states from samples, evaluates the rules and tells the receivers. */
export const runAlerting: Service = async (deps, signal) => {
  const { config, inventory, victoriaMetrics, redis, clock, log } = deps
  const registry = createRegistry()
  setBuildInfo(registry, 'alerting', deps.version)
  const metrics = createAlertingMetrics(registry)
  const builtIn = builtInRules(config)
  const availability = builtIn.find(({ name }) => name === AVAILABILITY)
  const rules = await openRules({
    patterns: config.alerting.rule_files,
    baseDir: dirname(deps.configPath ?? 'wardline.yaml'),
    builtIn,
    victoriaMetrics,
    meter: createReloadMetrics(registry),
    clock,
    log,
  })
  let lastEvaluationAt = clock.now()
  const meter: AlertingMetrics = {
    ...metrics,
    evaluated(group, seconds, at) {
      if (group === availability) lastEvaluationAt = at
      metrics.evaluated(group, seconds, at)
    },
  }
  const lateAfterMs = 5 * config.alerting.availability_interval + 5_000
  const app = createOpsApp({
    component: 'alerting',
    registry,
    version: deps.version,
    isLate: () => clock.now() - lastEvaluationAt > lateAfterMs,
  })
  const externals: Externals = {
    externalUrl: config.alerting.external_url,
    externalLabels: config.alerting.external_labels,
    clock,
    log,
  }
  const { canary: canaryConfig } = config.alerting
  const canary =
    canaryConfig === null ? null : createCanary(canaryConfig, { registry, externals, clock, log })
  if (canary !== null) app.route('/', canary.app)
  await using http = await serveHttp(app.fetch, config.alerting.listen, 'alerting.listen')
  await using writer = createSampleWriter(
    createDelivery({ victoriaMetrics, backlog: memoryBacklog(BUFFER_BYTES), meter: metrics, log }),
  )
  const configured = config.receivers.map((receiver) => receiverOf(receiver, externals))
  const routing = compileRouting(config, configured)
  const told = canary?.route({ receivers: configured, routing }, http.url) ?? {
    receivers: configured,
    routing: withoutCanary(routing),
  }
  await using notifier = createNotifier({
    ...told,
    notificationLog: createNotificationLog(redis, log),
    record: writer.write,
    meter: { ...metrics, ...createDeliveryMetrics(registry) },
    log,
    clock,
  })
  const hints = redis.duplicate()
  hints.on('error', () => {}) // told by the shared connection; without hints the grid's next turn sees the change
  hints.connect().catch(() => {})
  hints.on('ready', () => void hints.subscribe(CHANNELS.probes).catch(() => {}))
  await using _hints = { [Symbol.asyncDispose]: async () => hints.disconnect() }

  const rewriteMs = Math.min(config.alerting.interval, MAX_REWRITE_MS)
  const engine = createEngine({
    groups: rules.groups,
    availabilityGroup: AVAILABILITY,
    rewriteMs,
    inventory,
    victoriaMetrics,
    writer,
    notifier,
    announce: (changes) => {
      redis.publish(CHANNELS.statuses, JSON.stringify(changes)).catch(() => {})
    },
    onHint: (listener) => hints.on('message', listener),
    externalLabels: config.alerting.external_labels,
    externalUrl: config.alerting.external_url,
    meter,
    clock,
    log,
  })
  rules.follow(engine, signal)

  log.info(
    { receivers: config.receivers.map(({ name }) => name), metrics: `${http.url}/metrics` },
    'alerting runs',
  )
  await Promise.all([
    engine.run(signal),
    canary?.run({ notifier, writer, rewriteMs }, signal),
    pushOwnMetrics({ registry, instance: 'alerting', write: writer.write, clock }, signal),
  ])
}
