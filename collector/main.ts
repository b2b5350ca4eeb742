import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { BLIND } from '../lib/blindness.ts'
import { watchClock } from '../lib/clock-skew.ts'
import { type DeliveryMeter, createDelivery } from '../lib/delivery.ts'
import { serveHttp } from '../lib/http-listen.ts'
import { SPOOL_FROM } from '../lib/lateness.ts'
import { openMembership } from '../lib/membership/membership.ts'
import { createRegistry, setBuildInfo } from '../lib/metrics.ts'
import { createOpsApp } from '../lib/ops-app.ts'
import { createSampleWriter } from '../lib/sample-writer.ts'
import { pushOwnMetrics } from '../lib/self-metrics.ts'
import { CHANNELS, type Service, type ServiceDeps } from '../lib/service.ts'
import { createSpoolMark } from '../lib/spool/mark.ts'
import { createSpoolMetrics } from '../lib/spool/meter.ts'
import { openSpool, spoolTroubles } from '../lib/spool/spool.ts'
import { findCanaries, lookAround, ownAddresses } from './blindness/canaries.ts'
import { readLeftBlindness } from './blindness/left.ts'
import { createBlindness } from './blindness/watch.ts'
import { runCanary } from './canary.ts'
import { createDeviceInfo } from './device-info.ts'
import { diagnosticRoutes } from './diagnostics/routes.ts'
import { createCollectorMetrics } from './meter.ts'
import { checkFping } from './ping/check.ts'
import { type Outcome, runPing } from './ping/loop.ts'
import { createPokes } from './pokes.ts'
import { createAddressBook } from './resolve.ts'
import { catchUp } from './share/catch-up.ts'
import { countEnabled, shareFacts } from './share/facts.ts'
import { listenToOthers } from './share/others.ts'
import { type Taken, createShare } from './share/share.ts'
import { followOtherSites, outcomesText, saySite } from './site.ts'
import { runSnmp } from './snmp/loop.ts'
import type { SnmpModule } from './snmp/module.ts'
import { uplinkMatcher, uplinkTag } from './snmp/uplinks.ts'
import { createStoredRatio } from './stored-ratio.ts'
import { runTraps } from './traps/loop.ts'
import { DROP_REASONS } from './traps/news.ts'

/** Samples that wait while none was stored for so long: something is wrong that waiting may not mend. */
const STUCK_MS = 60_000

/** Probes every device of the inventory and writes what it saw; SNMP devices may be polled for these modules. */
export function collectorOf(modules: ReadonlyMap<string, SnmpModule>): Service {
  return (deps, signal) => runCollector(deps, modules, signal)
}

async function runCollector(
  deps: ServiceDeps,
  modules: ReadonlyMap<string, SnmpModule>,
  signal: AbortSignal,
): Promise<void> {
  const { config, inventory, victoriaMetrics, redis, clock, log } = deps
  const vantage = config.collector.name ?? hostname()
  const { site } = config.collector
  await checkFping(config.collector.fping, signal)

  const registry = createRegistry()
  setBuildInfo(registry, 'collector', deps.version)
  const metrics = createCollectorMetrics(registry)
  await using spool = await openSpool({
    base: resolve(config.data_dir, 'spool/collector'),
    instance: hostname(),
    origin: vantage,
    maxBytes: config.collector.spool.bytes,
    hasJournal: true,
    bufferBytes: config.collector.buffer_bytes,
    meter: createSpoolMetrics(registry),
    log,
  })
  const addresses = createAddressBook({ inventory, clock, log })
  let lastSlotAt = clock.now()
  let lastStoredAt = clock.now()
  let facts = (): object => ({}) // until it is known who the others are
  const diagnostics = {
    config,
    modules,
    inventory,
    fping: config.collector.fping,
    resolve: addresses.resolve,
    log: log.child({ loop: 'diagnostics' }),
  }
  await using http = await serveHttp(
    createOpsApp({
      component: 'collector',
      registry,
      version: deps.version,
      isLate: () => clock.now() - lastSlotAt > 5_000,
      isStuck: () => spool.size > 0 && clock.now() - lastStoredAt > STUCK_MS,
      details: () => facts(),
      troubles: () => spoolTroubles(spool),
    }).route('/', diagnosticRoutes(diagnostics, signal)).fetch,
    config.collector.listen,
    'collector.listen',
  )
  const meter: DeliveryMeter = {
    ...metrics,
    stored(samples, at) {
      lastStoredAt = clock.now()
      metrics.stored(samples, at)
    },
  }
  const mark = createSpoolMark(vantage, { report: metrics.spoolFrom })
  metrics.spoolFrom(vantage, 0)
  const delivery = createDelivery({ victoriaMetrics, backlog: spool, meter, mark, log })
  await using writer = createSampleWriter(delivery)
  const ratio = createStoredRatio({
    vantage,
    victoriaMetrics,
    report: (stored) => metrics.storedRatio(vantage, stored),
    clock,
    log,
  })
  await using membership = await openMembership({
    redis,
    name: vantage,
    site,
    beaten: metrics.beaten,
    clock,
    log: log.child({ loop: 'membership' }),
  })
  using share = createShare({ inventory, membership, name: vantage })
  using others = listenToOthers({ redis, site, name: vantage, changed: membership.look })
  const info = createDeviceInfo({
    inventory: share,
    fleet: inventory,
    onTaken: share.onTaken,
    write: writer.write,
    end: writer.end,
    success: (at) => metrics.turned('device_info', at),
    victoriaMetrics,
    clock,
    log,
  })
  const pokes = createPokes()
  const pingPokes = createPokes()
  const snmpPokes = createPokes()
  using _sites = followOtherSites({ redis, site, poke: pingPokes.poke, clock })
  // SNMP of a device that answers pings again is asked at once, whatever rest it had.
  const recoveries = createPokes()
  const blindness = createBlindness({
    vantage,
    fping: config.collector.fping,
    canaries: async () => config.collector.canaries ?? findCanaries(await lookAround()),
    own: ownAddresses,
    left: () => readLeftBlindness(victoriaMetrics, vantage, clock.now(), signal),
    write: writer.write,
    changed(isBlind) {
      metrics.blind(vantage, isBlind)
      hint([])
    },
    success: (at) => metrics.turned('blindness', at),
    clock,
    log: log.child({ loop: 'blindness' }),
  })
  metrics.blind(vantage, false)
  const pingMeter = metrics.loop('ping')
  const unhooks = [
    pokes.onPoke(pingPokes.poke),
    pokes.onPoke(snmpPokes.poke),
    others.onAsk(({ device, as }) => {
      if (as === 'trap' && share.current.has(device)) pokes.poke(device)
    }),
    share.onTaken((taken) => void askMissed(taken)),
    membership.onChange(tellShare),
    inventory.onChange(tellShare),
  ]
  using _unhook = { [Symbol.dispose]: () => unhooks.forEach((unhook) => unhook()) }
  facts = () => shareFacts({ site, share, fleet: inventory, membership })
  tellShare()
  log.info(
    {
      vantage,
      site,
      devices: share.current.size,
      collectors: membership.names,
      metrics: `${http.url}/metrics`,
    },
    'collector runs',
  )

  await Promise.all([
    saySite({ vantage, site, write: writer.write, clock }, signal),
    runPing(
      {
        inventory: share,
        fleet: inventory,
        others,
        heldUntil: membership.heldUntil,
        isAlone,
        vantage,
        fping: config.collector.fping,
        resolve: addresses.resolve,
        write: writer.write,
        changed: hint,
        due: ratio.due,
        pokes: pingPokes,
        blindness,
        meter: { ...pingMeter, success: (at) => pingMeter.success((lastSlotAt = at)) },
        clock,
        log: log.child({ loop: 'ping' }),
      },
      signal,
    ),
    runSnmp(
      {
        inventory: share,
        heldUntil: membership.heldUntil,
        isAlone,
        credentials: config.credentials,
        modules,
        tag: uplinkTag(uplinkMatcher(config.snmp.uplinks)),
        pokes: snmpPokes,
        recoveries,
        write: writer.write,
        resolve: addresses.resolve,
        isBlind: blindness.isBlind,
        learn: info.learn,
        meter: metrics.snmp(),
        clock,
        log: log.child({ loop: 'snmp' }),
      },
      signal,
    ),
    askMissed(share.resumed()),
    membership.run(signal),
    watchClock({ victoriaMetrics, instance: vantage, write: writer.write, log }, signal),
    blindness.run(signal),
    takeTraps(),
    flipCanary(),
    addresses.run(signal),
    info.run(signal),
    ratio.run(signal),
    pushOwnMetrics(
      { registry, instance: vantage, except: [BLIND, SPOOL_FROM], write: writer.write, clock },
      signal,
    ),
  ])

  async function askMissed(taken: readonly Taken[]): Promise<void> {
    await catchUp(taken, { ping: pingPokes.poke, snmp: snmpPokes.poke }, clock, signal)
  }

  /** As it was known before it stood still, if it did. */
  function isAlone(): boolean {
    return membership.names.every((name) => name === vantage)
  }

  async function flipCanary(): Promise<void> {
    const { canary } = config.alerting
    if (canary === null) return
    await runCanary({ intervalMs: canary.interval, write: writer.write, clock }, signal)
  }

  async function takeTraps(): Promise<void> {
    const { listen, credentials: shared } = config.snmp.traps
    if (listen === undefined) return
    await runTraps(
      {
        listen,
        dataDir: resolve(config.data_dir),
        inventory,
        credentials: config.credentials,
        shared,
        resolve: addresses.resolve,
        write: writer.write,
        pokes: { poke: pokeWhoever },
        vantage,
        meter: metrics.traps(DROP_REASONS),
        clock,
        log: log.child({ loop: 'traps' }),
      },
      signal,
    )
  }

  /** Traps come to any collector, of whatever device. */
  function pokeWhoever(device: string): void {
    if (share.current.has(device)) pokes.poke(device)
    else others.ask([{ device, as: 'trap' }])
  }

  function tellShare(): void {
    metrics.share(countEnabled(share.current), membership.names.length)
  }

  /**
   * Alerting looks at once when an outcome changed, or whether any is known, after that is stored; without the hint it looks
   * in 2 s.
   */
  function hint(outcomes: readonly Outcome[]): void {
    for (const { device, up } of outcomes) if (up) recoveries.poke(device)
    void writer
      .flushed(2_000)
      .then((stored) => (stored ? redis.publish(CHANNELS.probes, outcomesText(outcomes, site)) : 0))
      .catch(() => {})
  }
}
