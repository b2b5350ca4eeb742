import { dirname, join, resolve } from 'node:path'
import { type ReceiverConfig, kindOf } from '../lib/config/receivers.ts'
import { openDecisions } from '../lib/decisions/decisions.ts'
import { createEgress } from '../lib/egress/egress.ts'
import { serveHttp } from '../lib/http-listen.ts'
import { ALERTING_LEASE, openLease } from '../lib/lease.ts'
import { createRegistry, setBuildInfo } from '../lib/metrics.ts'
import { createOpsApp } from '../lib/ops-app.ts'
import { createRedisMeter } from '../lib/redis/meter.ts'
import { redisTroubles } from '../lib/redis/troubles.ts'
import { watchRedis } from '../lib/redis/watch.ts'
import { CHANNELS, type Service } from '../lib/service.ts'
import { createSpoolMetrics } from '../lib/spool/meter.ts'
import { createCanary, withoutCanary } from './canary/wire.ts'
import type { Engine } from './engine.ts'
import { createHeartbeatMetrics } from './heartbeat-meter.ts'
import { alertmanagerApp } from './http/alertmanager.ts'
import { alertmanagerConfig } from './http/alertmanager-config.ts'
import { createAlertingApp } from './http/app.ts'
import { passOn } from './http/standby.ts'
import type { NotifierTarget } from './http/vmalert.ts'
import { createElapsed } from './leadership/elapsed.ts'
import { leadershipDetails } from './leadership/details.ts'
import { advertisedUrl, openInstance } from './leadership/instance.ts'
import { createLeadership } from './leadership/lead.ts'
import { createMarks } from './leadership/marks.ts'
import { readHighestToken, readSight } from './leadership/sight.ts'
import { createAlertingMetrics } from './meter.ts'
import { FORMER_LOG, readFormerLog } from './notify/former-log.ts'
import { createDeliveryMetrics } from './notify/meter.ts'
import type { Notifier } from './notify/notifier.ts'
import { generatorUrl } from './notify/receivers/alert-body.ts'
import { type Externals, receiverOf } from './notify/receivers/index.ts'
import { compileRouting } from './notify/routing.ts'
import { createPulse } from './pulse.ts'
import { createReloadMetrics } from './reload-meter.ts'
import { openRules } from './reload.ts'
import { builtInRules } from './rules/index.ts'
import { createRulesInForce } from './rules-in-force.ts'
import { AVAILABILITY, type TermDeps, runTerm } from './term.ts'

/** Without Redis a leader that evaluated nothing for so long is taken for dead; longer where it evaluates rarely. */
const SILENT_MS = 30_000

/** Derives states from samples, evaluates the rules and tells the receivers, while no other instance does. */
export const runAlerting: Service = async (deps, signal) => {
  const { config, victoriaMetrics, redis, clock, log } = deps
  const registry = createRegistry()
  setBuildInfo(registry, 'alerting', deps.version)
  const egress = createEgress(config.egress)
  const source = await openRules({
    patterns: config.alerting.rule_files,
    baseDir: dirname(deps.configPath ?? 'wardline.yaml'),
    builtIn: [],
    victoriaMetrics,
    meter: createReloadMetrics(registry),
    egress,
    clock,
    log,
  })
  const rules = createRulesInForce(source.groups, () => builtInRules(config))
  const pulse = createPulse(config.alerting.availability_interval, clock)
  const lastResults = new Map<string, string>()
  const meter = createMeter()

  await using instance = await openInstance({
    dataDir: resolve(config.data_dir),
    listen: config.alerting.listen,
    log,
  })
  const marks = createMarks({ instance: instance.name, registry, victoriaMetrics, clock })
  const { availability_interval: availabilityMs } = config.alerting
  const formerLogFile = join(resolve(config.data_dir), FORMER_LOG)
  const formerLog = await readFormerLog(formerLogFile)
  const redisMeter = createRedisMeter(registry)
  await using redisWatch = watchRedis({
    redis,
    meter: redisMeter,
    known: formerLog?.mark ?? null,
    clock,
    log,
  })
  const leadership = createLeadership({
    lease: openLease(redis, ALERTING_LEASE),
    look: () => readSight(victoriaMetrics, AVAILABILITY),
    me: {
      holder: instance.holder,
      instance: instance.name,
      url: config.alerting.advertise_url ?? advertisedUrl(config.alerting.listen),
    },
    former: instance.former,
    silentMs: Math.max(SILENT_MS, 3 * availabilityMs),
    highest: await readHighestToken(victoriaMetrics).catch(() => 0),
    elapsed: createElapsed(),
    now: clock.now,
    log,
  })
  const ops = createOpsApp({
    component: 'alerting',
    registry,
    version: deps.version,
    isLate: () => isVacant() || (leadership.current().role === 'leader' && pulse.isLate()),
    details: () => leadershipDetails(leadership.current()),
    troubles: () => redisTroubles(redisWatch.state, clock.now()),
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
  await using decisions = await openDecisions({
    redis,
    dataDir: resolve(config.data_dir),
    clock,
    log,
    windows: config.maintenance,
  })
  const configured = config.receivers.map((receiver) => receiverOf(receiver, externals))
  const routing = compileRouting(config, configured)
  const told = canary?.route({ receivers: configured, routing }, http.url) ?? {
    receivers: configured,
    routing: withoutCanary(routing),
  }
  const hints = redis.duplicate()
  hints.on('error', () => {}) // told by the shared connection; without hints the grid's next turn sees the change
  hints.connect().catch(() => {})
  hints.on('ready', () => void hints.subscribe(CHANNELS.probes).catch(() => {}))
  await using _hints = { [Symbol.asyncDispose]: async () => hints.disconnect() }

  let running: { readonly engine: Engine; readonly notifier: Notifier } | null = null
  const termDeps: TermDeps = {
    ...deps,
    ...told,
    alerting: config.alerting,
    externals,
    registry,
    decisions,
    rules,
    canary,
    hints,
    meter,
    pulse,
    spool: {
      base: resolve(config.data_dir, 'spool/alerting'),
      meter: createSpoolMetrics(registry),
    },
    remembered: {
      former: formerLog,
      file: formerLogFile,
      watch: redisWatch,
      putBack: redisMeter.putBack,
    },
    running: (parts) => void (running = parts),
  }
  source.follow(rules, signal)
  const alertmanager = alertmanagerApp({
    decisions,
    view: () => running?.notifier.view() ?? { alerts: [], groups: [] },
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
      engine: { groups: () => running?.engine.groups() ?? [] },
      notifiers: () => config.receivers.map((receiver) => targetOf(receiver, lastResults)),
      reload: () => source.reload(rules),
      externalUrl,
      log,
    },
    standby: passOn(leadership),
  })

  log.info(
    { receivers: config.receivers.map(({ name }) => name), metrics: `${http.url}/metrics` },
    'alerting runs',
  )
  await Promise.all([
    marks.run(signal),
    leadership.run(async (term, ends) => {
      // Known to those that see VictoriaMetrics alone before anything is told, and to a process after this one.
      await Promise.all([marks.say(term.gate.token), instance.leads(term.gate.token)])
      try {
        await runTerm(termDeps, term, ends)
      } finally {
        running = null
        void marks.say(null)
        await instance.leads(null)
      }
    }, signal),
  ])

  function isVacant(): boolean {
    return leadership.current().vacantMs > VACANT_MS
  }

  function createMeter(): TermDeps['meter'] {
    const metrics = createAlertingMetrics(registry)
    const deliveries = createDeliveryMetrics(registry)
    return {
      ...metrics,
      ...deliveries,
      ...createHeartbeatMetrics(registry),
      evaluated(group, seconds, at) {
        if (group.name === AVAILABILITY && group.file === '') pulse.evaluated(at)
        metrics.evaluated(group, seconds, at)
      },
      stored(samples, at) {
        pulse.stored()
        metrics.stored(samples, at)
      },
      attempted(receiver, result, seconds) {
        lastResults.set(receiver, result)
        deliveries.attempted(receiver, result, seconds)
      },
    }
  }
}

/** Nobody leads for so long: something is wrong with what they meet in. */
const VACANT_MS = 60_000

/** A receiver and how it took the last message, without its address. */
function targetOf(
  receiver: ReceiverConfig,
  lastResults: ReadonlyMap<string, string>,
): NotifierTarget {
  const { name } = receiver
  const result = lastResults.get(name) ?? 'accepted'
  return { kind: kindOf(receiver).kind, name, lastError: result === 'accepted' ? '' : result }
}
