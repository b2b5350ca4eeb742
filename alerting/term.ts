import { hostname } from 'node:os'
import { watchClock } from '../lib/clock-skew.ts'
import type { Config } from '../lib/config/schema.ts'
import type { Decisions } from '../lib/decisions/decisions.ts'
import { createDelivery } from '../lib/delivery.ts'
import type { Registry } from '../lib/metrics.ts'
import type { Redis } from '../lib/redis.ts'
import { createSampleWriter } from '../lib/sample-writer.ts'
import { pushOwnMetrics } from '../lib/self-metrics.ts'
import { CHANNELS, type ServiceDeps } from '../lib/service.ts'
import type { SpoolMeter } from '../lib/spool/meter.ts'
import { openSpool } from '../lib/spool/spool.ts'
import type { Canary } from './canary/wire.ts'
import { type Engine, createEngine } from './engine.ts'
import { runHeartbeat } from './heartbeat.ts'
import type { HeartbeatMeter } from './heartbeat-meter.ts'
import { gatedReceiver, gatedStore } from './leadership/gate.ts'
import type { Term } from './leadership/lead.ts'
import { TOKEN } from './leadership/sight.ts'
import type { AlertingMetrics } from './meter.ts'
import { followDecisions } from './notify/follow-decisions.ts'
import { createNotificationLog } from './notify/log.ts'
import { type RememberDeps, rememberLog } from './notify/remembered-log.ts'
import type { NotifierMeter } from './notify/meter.ts'
import type { Externals } from './notify/receivers/externals.ts'
import type { Receiver } from './notify/notification.ts'
import { type Notifier, createNotifier } from './notify/notifier.ts'
import type { Routing } from './notify/routing.ts'
import type { Pulse } from './pulse.ts'
import type { RulesInForce } from './rules-in-force.ts'

export const AVAILABILITY = 'availability'

/** A bare selector looks back 5 minutes: series that don't change are written far more often than that. */
const MAX_REWRITE_MS = 60_000
const CONNECTIONS = 8
const RULE_CONNECTIONS = 4
/** Of samples that wait for VictoriaMetrics, on disk, and in memory where the disk takes none. */
const SPOOL_BYTES = { disk: 134_217_728, memory: 16_777_216 }

/** What lasts over terms. */
export type TermDeps = Pick<
  ServiceDeps,
  'inventory' | 'victoriaMetrics' | 'redis' | 'clock' | 'log'
> & {
  readonly alerting: Config['alerting']
  readonly registry: Registry
  readonly receivers: readonly Receiver[]
  readonly externals: Externals
  readonly routing: Routing
  readonly decisions: Decisions
  readonly rules: RulesInForce
  readonly canary: Canary | null
  /** Subscribed to what the collector sees. */
  readonly hints: Redis
  readonly meter: AlertingMetrics & NotifierMeter & HeartbeatMeter
  readonly pulse: Pulse
  readonly spool: { readonly base: string; readonly meter: SpoolMeter }
  /** What the notification log is remembered by. */
  readonly remembered: Pick<RememberDeps, 'former' | 'file' | 'watch' | 'putBack'>
  /** Takes the engine and the notifier once they stand. */
  readonly running: (parts: { engine: Engine; notifier: Notifier }) => void
}

/** Evaluates and tells for as long as this process leads. A term begins as a restart does: with what the one before left. */
export async function runTerm(deps: TermDeps, term: Term, signal: AbortSignal): Promise<void> {
  const { alerting, canary, clock, decisions, log, meter, pulse, redis, registry, rules } = deps
  const { gate, refused } = term
  // Its own client: requests that are under way end with the term.
  await using store = deps.victoriaMetrics.separate(CONNECTIONS)
  const victoriaMetrics = gatedStore(store, gate)
  await using backlog = await openSpool({
    ...deps.spool,
    instance: hostname(),
    origin: '',
    maxBytes: SPOOL_BYTES.disk,
    bufferBytes: SPOOL_BYTES.memory,
    log,
  })
  await using writer = createSampleWriter(
    createDelivery({ victoriaMetrics, backlog, meter, mayWrite: term.goesOn, log }),
  )
  await using notificationLog = rememberLog({
    ...deps.remembered,
    inner: createNotificationLog(redis, log, { token: gate.token, refused }),
    token: gate.token,
    redis,
    clock,
    log,
  })
  await using notifier = createNotifier({
    receivers: deps.receivers.map((receiver) => gatedReceiver(receiver, gate)),
    routing: deps.routing,
    decisions: () => decisions.current,
    notificationLog,
    record: writer.write,
    meter,
    log,
    clock,
  })
  await using ruleQueries = victoriaMetrics.separate(RULE_CONNECTIONS)
  const rewriteMs = Math.min(alerting.interval, MAX_REWRITE_MS)
  const engine = createEngine({
    groups: rules.begin(),
    availabilityGroup: AVAILABILITY,
    rewriteMs,
    inventory: deps.inventory,
    victoriaMetrics,
    ruleQueries,
    writer,
    notifier,
    announce: (changes) => {
      redis.publish(CHANNELS.statuses, JSON.stringify(changes)).catch(() => {})
    },
    onHint(listener) {
      deps.hints.on('message', listener)
      signal.addEventListener('abort', () => void deps.hints.off('message', listener))
    },
    externalLabels: alerting.external_labels,
    externalUrl: alerting.external_url,
    meter,
    clock,
    log,
  })
  using _attached = rules.attach(engine)
  deps.running({ engine, notifier })
  pulse.begin()
  try {
    await Promise.all([
      engine.run(signal),
      canary?.run({ notifier, writer, rewriteMs }, signal),
      followDecisions({ notifier, decisions: gatedDecisions(decisions, term), clock, log }, signal),
      runHeartbeat(
        {
          heartbeat: alerting.heartbeat,
          gate,
          health: pulse.health,
          meter,
          externals: deps.externals,
          clock,
          log,
        },
        signal,
      ),
      watchClock({ victoriaMetrics, instance: 'alerting', write: writer.write, log }, signal),
      pushOwnMetrics(
        { registry, instance: 'alerting', except: [TOKEN], write: writer.write, clock },
        signal,
      ),
    ])
  } finally {
    for (const { group } of engine.groups()) meter.ended(group)
  }
}

/** What is over was seen before a stop of the process, maybe. */
function gatedDecisions(
  decisions: Decisions,
  { gate }: Term,
): Pick<Decisions, 'current' | 'onChange' | 'endAcknowledgements'> {
  return {
    get current() {
      return decisions.current
    },
    onChange: decisions.onChange,
    async endAcknowledgements(occurrences) {
      if (await gate.pass()) await decisions.endAcknowledgements(occurrences, gate.token)
    },
  }
}
