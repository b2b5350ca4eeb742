import { dirname } from 'node:path'
import { type ReceiverConfig, kindOf } from '../lib/config/receivers.ts'
import { openDecisions } from '../lib/decisions/decisions.ts'
import { createDelivery, memoryBacklog } from '../lib/delivery.ts'
import { createEgress } from '../lib/egress/egress.ts'
import { serveHttp } from '../lib/http-listen.ts'
import { createRegistry, setBuildInfo } from '../lib/metrics.ts'
import { createOpsApp } from '../lib/ops-app.ts'
import { createSampleWriter } from '../lib/sample-writer.ts'
import { pushOwnMetrics } from '../lib/self-metrics.ts'
import { CHANNELS, type Service } from '../lib/service.ts'
import { createCanary, withoutCanary } from './canary/wire.ts'
import { createEngine } from './engine.ts'
import { alertmanagerApp } from './http/alertmanager.ts'
import { alertmanagerConfig } from './http/alertmanager-config.ts'
import { createAlertingApp } from './http/app.ts'
import type { NotifierTarget } from './http/vmalert.ts'
import { type AlertingMetrics, createAlertingMetrics } from './meter.ts'
import { followDecisions } from './notify/follow-decisions.ts'
import { createNotificationLog } from './notify/log.ts'
import { createDeliveryMetrics } from './notify/meter.ts'
import { createNotifier } from './notify/notifier.ts'
import { generatorUrl } from './notify/receivers/alert-body.ts'
import { type Externals, receiverOf } from './notify/receivers/index.ts'
import { compileRouting } from './notify/routing.ts'
import { createReloadMetrics } from './reload-meter.ts'
import { openRules } from './reload.ts'
import { builtInRules } from './rules/index.ts'

/** A bare selector looks back 5 minutes: series that don't change are written far more often than that. */
const MAX_REWRITE_MS = 60_000
const AVAILABILITY = 'availability'
const RULE_CONNECTIONS = 4
const BUFFER_BYTES = 16_777_216

/** Derives states from samples, evaluates the rules and tells the receivers. */
export const runAlerting: Service = async (deps, signal) => {
  const { config, inventory, victoriaMetrics, redis, clock, log } = deps
  const registry = createRegistry()
  setBuildInfo(registry, 'alerting', deps.version)
  const metrics = createAlertingMetrics(registry)
  const builtIn = builtInRules(config)
  const availability = builtIn.find(({ name }) => name === AVAILABILITY)
  const egress = createEgress(config.egress)
  const rules = await openRules({
    patterns: config.alerting.rule_files,
    baseDir: dirname(deps.configPath ?? 'wardline.yaml'),
    builtIn,
    victoriaMetrics,
    meter: createReloadMetrics(registry),
    egress,
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
  const ops = createOpsApp({
    component: 'alerting',
    registry,
    version: deps.version,
    isLate: () => clock.now() - lastEvaluationAt > lateAfterMs,
  })
  const { external_url: externalUrl, external_labels: externalLabels } = config.alerting
  const externals: Externals = { externalUrl, externalLabels, egress, clock, log }
  const { canary: canaryConfig } = config.alerting
  const canary =
    canaryConfig === null ? null : createCanary(canaryConfig, { registry, externals, clock, log })
  // Before the first request: an app takes no more routes then.
  if (canary !== null) ops.route('/', canary.app)

  let app = ops // until all that the others speak of stands
  await using http = await serveHttp(
    (request) => app.fetch(request),
    config.alerting.listen,
    'alerting.listen',
  )
  await using writer = createSampleWriter(
    createDelivery({ victoriaMetrics, backlog: memoryBacklog(BUFFER_BYTES), meter: metrics, log }),
  )
  await using decisions = await openDecisions({ redis, clock, log, windows: config.maintenance })
  const configured = config.receivers.map((receiver) => receiverOf(receiver, externals))
  const routing = compileRouting(config, configured)
  const told = canary?.route({ receivers: configured, routing }, http.url) ?? {
    receivers: configured,
    routing: withoutCanary(routing),
  }
  const deliveries = createDeliveryMetrics(registry)
  const lastResults = new Map<string, string>()
  await using notifier = createNotifier({
    ...told,
    decisions: () => decisions.current,
    notificationLog: createNotificationLog(redis, log),
    record: writer.write,
    meter: {
      ...metrics,
      ...deliveries,
      attempted(receiver, result, seconds) {
        lastResults.set(receiver, result)
        deliveries.attempted(receiver, result, seconds)
      },
    },
    log,
    clock,
  })
  const hints = redis.duplicate()
  hints.on('error', () => {}) // told by the shared connection; without hints the grid's next turn sees the change
  hints.connect().catch(() => {})
  hints.on('ready', () => void hints.subscribe(CHANNELS.probes).catch(() => {}))
  await using _hints = { [Symbol.asyncDispose]: async () => hints.disconnect() }

  await using ruleQueries = victoriaMetrics.separate(RULE_CONNECTIONS)
  const rewriteMs = Math.min(config.alerting.interval, MAX_REWRITE_MS)
  const engine = createEngine({
    groups: rules.groups,
    availabilityGroup: AVAILABILITY,
    rewriteMs,
    inventory,
    victoriaMetrics,
    ruleQueries,
    writer,
    notifier,
    announce: (changes) => {
      redis.publish(CHANNELS.statuses, JSON.stringify(changes)).catch(() => {})
    },
    onHint: (listener) => hints.on('message', listener),
    externalLabels,
    externalUrl,
    meter,
    clock,
    log,
  })
  rules.follow(engine, signal)
  const alertmanager = alertmanagerApp({
    decisions,
    view: notifier.view,
    receivers: config.receivers.map(({ name }) => name),
    config: alertmanagerConfig(config),
    version: deps.version,
    generatorUrl: (labels) => generatorUrl(labels, externalUrl),
    clock,
    log,
  })
  app = createAlertingApp({
    ops,
    alertmanager,
    vmalert: {
      engine,
      notifiers: () => config.receivers.map((receiver) => targetOf(receiver, lastResults)),
      reload: () => rules.reload(engine),
      externalUrl,
      log,
    },
  })

  log.info(
    { receivers: config.receivers.map(({ name }) => name), metrics: `${http.url}/metrics` },
    'alerting runs',
  )
  await Promise.all([
    engine.run(signal),
    canary?.run({ notifier, writer, rewriteMs }, signal),
    followDecisions({ notifier, decisions, clock, log }, signal),
    pushOwnMetrics({ registry, instance: 'alerting', write: writer.write, clock }, signal),
  ])
}

/** A receiver and how it took the last message, without its address. */
function targetOf(
  receiver: ReceiverConfig,
  lastResults: ReadonlyMap<string, string>,
): NotifierTarget {
  const { name } = receiver
  const result = lastResults.get(name) ?? 'accepted'
  return { kind: kindOf(receiver).kind, name, lastError: result === 'accepted' ? '' : result }
}
