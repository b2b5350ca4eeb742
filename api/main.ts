import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { appendAudit } from '../lib/auth/audit.ts'
import { openDecisions } from '../lib/decisions/decisions.ts'
import { serveHttp } from '../lib/http-listen.ts'
import { encodeLine } from '../lib/line-protocol.ts'
import { ALERTING_LEASE, readLeader } from '../lib/lease.ts'
import { localUrl } from '../lib/listen-address.ts'
import { createRegistry, setBuildInfo } from '../lib/metrics.ts'
import { createRedisMeter } from '../lib/redis/meter.ts'
import { watchRedis } from '../lib/redis/watch.ts'
import { pushOwnMetrics } from '../lib/self-metrics.ts'
import type { Service } from '../lib/service.ts'
import { prepareAnswers } from './answer.ts'
import { createApp } from './app.ts'
import { openAuth } from './auth/auth.ts'
import { offerFirstAdmin } from './auth/first-admin.ts'
import { createAssessor } from './assessor.ts'
import { connectCollector } from './diagnostics/collector.ts'
import { createEventHub } from './events/hub.ts'
import { listenForHints } from './hints.ts'
import { createApiMeter } from './meter.ts'
import { createAlertingProxy } from './proxy.ts'
import { loadPage } from './routes/page.ts'
import { inSlices } from '../lib/slices.ts'
import { countInSlices } from './stats.ts'
import { createStatusView } from './status-view.ts'
import { viewInSlices } from './view/build.ts'
import { createFleetFacts } from './view/facts.ts'
import { createLastSeen } from './view/last-seen.ts'
import { createUplinkMemory } from './view/past-uplinks.ts'
import { createPastViews } from './view/past.ts'
import { createLiveVectors } from './view/live-vectors.ts'
import { windowsOf } from './view/vectors.ts'

/** Histories have connections of their own: however slow they are, the view goes on. */
const HISTORY_CONNECTIONS = 2
/** A view that takes longer than it may be old is of no use. */
const VIEW_TIMEOUT_MS = 4_000

/** A Redis that went back so far is one over an old file, not a replica that took over. */
const OLD_FILE_MS = 60_000

/** Serves the API and the live page at `api.listen`. */
export const runApi: Service = async (deps, signal) => {
  const { config, inventory, victoriaMetrics, redis, clock, log, version, mode } = deps
  const evaluationMs = config.alerting.interval
  const registry = createRegistry()
  setBuildInfo(registry, 'api', version)
  const meter = createApiMeter(registry, {
    viewAgeSeconds: () => (clock.now() - (view.last.view?.at ?? Number.NaN)) / 1000,
    streams: () => hub.clients,
  })

  await using historyStore = victoriaMetrics.separate(HISTORY_CONNECTIONS)
  const dataDir = resolve(config.data_dir)
  await using redisWatch = watchRedis({ redis, meter: createRedisMeter(registry), clock, log })
  // Neither rejects. Each waits a while for a Redis that is away: at once, so that the end can come within its time.
  const [opened, admitting] = await Promise.all([
    openDecisions({ redis, dataDir, clock, log, windows: config.maintenance }),
    openAuth({ config, redis, dataDir, clock, log }),
  ])
  await using decisions = opened
  await using auth = admitting
  // Sessions that people had ended since then are back, too.
  redisWatch.onLost((lostMs) => {
    if (lostMs !== null && lostMs >= OLD_FILE_MS)
      auth.register.endSessions().catch((error: Error) => {
        log.warn({ reason: error.message }, 'sessions of an old file of Redis are not ended yet')
      })
  })
  await using alerting = createAlertingProxy(
    config.api.alerting_url ?? localUrl(config.alerting.listen),
  )
  await using collector = connectCollector(
    config.api.collector_url ?? localUrl(config.collector.listen),
  )
  const lastSeen = createLastSeen(victoriaMetrics)
  const uplinks = createUplinkMemory(victoriaMetrics)
  const askVectors = createLiveVectors(victoriaMetrics)
  const facts = createFleetFacts()
  const view = createStatusView({
    clock,
    async ask(at) {
      const devices = inventory.current
      try {
        const windows = windowsOf(devices, evaluationMs)
        const bounds = { signal, timeoutMs: VIEW_TIMEOUT_MS }
        const vectors = await askVectors(windows, at, bounds)
        await inSlices(lastSeen.note(devices, vectors, at, signal))
        uplinks.note(devices, vectors, at, signal)
        meter.refreshed((clock.now() - at) / 1000)
        const more = { decided: decisions.current, before: view.last.view, facts }
        const made = await inSlices(
          viewInSlices(devices, vectors, lastSeen.stamps, at, uplinks.past, more),
        )
        await inSlices(countInSlices(made))
        await prepareAnswers(made, view.last.view)
        return made
      } catch (error) {
        meter.refreshFailed()
        throw error
      }
    },
  })
  const past = createPastViews({ store: historyStore, inventory, decisions, evaluationMs, clock })
  const assessor = createAssessor({
    view,
    redis,
    readLeader: () => readLeader(redis, ALERTING_LEASE),
    redisState: () => redisWatch.state,
    inventory,
    clock,
    evaluationMs,
    mode,
    version,
  })
  const { health, stats } = assessor
  const page = await loadPage()
  const places = config.api.event_streams
  const hub = createEventHub({ view, stats, health, meter, clock, page: page.tag, places })
  const app = createApp({
    view,
    past,
    hub,
    assessor,
    inventory,
    historyStore,
    decisions,
    evaluationMs,
    alerting,
    diagnostics: {
      diagnose: collector.diagnose,
      record: (entry) => appendAudit(redis, entry),
    },
    auth,
    page,
    registry,
    version,
    meter,
    clock,
    log,
  })

  await using http = await serveHttp(app.fetch, config.api.listen, 'api.listen')
  using _changes = onInventoryChange(() => view.hint())
  using _decided = onDecision(() => view.hint())
  log.info({ url: http.url, devices: inventory.current.size }, 'the page and the API are served')
  if (auth.isOpen)
    log.info('reading is open to whoever reaches api.listen; writing takes signing in')
  await Promise.all([
    view.run(signal),
    auth.seen.run(signal),
    offerFirstAdmin(auth, { externalUrl: config.alerting.external_url, clock, print }, signal),
    hub.run(signal),
    listenForHints(redis, () => view.hint(), signal),
    pushOwnMetrics(
      {
        registry,
        instance: hostname(),
        clock,
        // Figures of the moment: those that can't be stored now are of no use later.
        write: (samples) => {
          const lines = samples.map(encodeLine).filter(Boolean).join('\n')
          victoriaMetrics.writeLines(lines, { signal }).catch(() => {})
        },
      },
      signal,
    ),
  ])

  /** Beside the log, which is kept and sent elsewhere: what it says lets whoever reads it in. */
  function print(line: string): void {
    process.stdout.write(`${line}\n`)
  }

  function onDecision(listener: () => void): Disposable {
    const stop = decisions.onChange(listener)
    return { [Symbol.dispose]: stop }
  }

  function onInventoryChange(listener: () => void): Disposable {
    const stop = inventory.onChange(listener)
    return { [Symbol.dispose]: stop }
  }
}
