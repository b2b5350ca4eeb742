import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { createEngine } from '../../../alerting/engine.ts'
import { createAlertingApp } from '../../../alerting/http/app.ts'
import { createAlertingMetrics } from '../../../alerting/meter.ts'
import { type RuleSource, openRules } from '../../../alerting/reload.ts'
import { createReloadMetrics } from '../../../alerting/reload-meter.ts'
import { availabilityRules } from '../../../alerting/rules/availability.ts'
import { systemClock } from '../../../lib/clock.ts'
import { createDelivery, memoryBacklog } from '../../../lib/delivery.ts'
import { victoriaMetricsArgs } from '../../../lib/embedded/victoria-metrics.ts'
import { serveHttp } from '../../../lib/http-listen.ts'
import { createLog } from '../../../lib/log.ts'
import { Registry } from '../../../lib/metrics.ts'
import { createSampleWriter } from '../../../lib/sample-writer.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

/** A real VictoriaMetrics that passes requests for alerts and rules on to `proxyUrl`. */
export async function startProxyingStore(
  proxyUrl: string,
): Promise<AsyncDisposable & { readonly url: string; readonly vm: VictoriaMetrics }> {
  const directory = await mkdtemp(join(tmpdir(), 'wardline-test-'))
  const listen = `127.0.0.1:${await freePort()}`
  const child = spawn(
    'victoria-metrics',
    [
      ...victoriaMetricsArgs({ listen, retention: '100y', directory }),
      `-vmalert.proxyURL=${proxyUrl}`,
    ],
    { stdio: 'ignore' },
  )
  const ended = once(child, 'close')
  const url = `http://${listen}`
  const vm = connectVictoriaMetrics(url)
  await waitFor(() => vm.healthy(), { what: 'VictoriaMetrics' })
  return {
    url,
    vm,
    async [Symbol.asyncDispose]() {
      await vm[Symbol.asyncDispose]()
      child.kill('SIGKILL')
      await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The engine over rule files with its HTTP interface at `listen`, in real time; nobody is told. */
export async function startEngine(
  vm: VictoriaMetrics,
  patterns: readonly string[],
  baseDir: string,
  listen: string,
): Promise<AsyncDisposable & { readonly rules: RuleSource; readonly registry: Registry }> {
  const log = createLog('silent')
  const registry = new Registry()
  const metrics = createAlertingMetrics(registry)
  const rules = await openRules({
    patterns,
    baseDir,
    builtIn: [availabilityRules(500)],
    victoriaMetrics: vm,
    meter: createReloadMetrics(registry),
    clock: systemClock,
    log,
  })
  const delivery = createDelivery({
    victoriaMetrics: vm,
    backlog: memoryBacklog(1_048_576),
    meter: metrics,
    log,
  })
  const writer = createSampleWriter(delivery)
  const engine = createEngine({
    groups: rules.groups,
    availabilityGroup: 'availability',
    rewriteMs: 15_000,
    inventory: inventoryOf(device('r1')),
    victoriaMetrics: vm,
    writer,
    notifier: {
      restore: async () => [],
      update: () => {},
      presume: () => {},
      lieBehind: () => {},
      heldSeries: () => [],
    },
    announce: () => {},
    onHint: () => {},
    meter: metrics,
    clock: systemClock,
    log,
  })
  const app = createAlertingApp({
    ops: new Hono(),
    alertmanager: new Hono(),
    vmalert: {
      engine,
      notifiers: () => [],
      reload: () => rules.reload(engine),
      externalUrl: `http://${listen}`,
      log,
    },
  })
  const http = await serveHttp(app.fetch, listen, 'alerting.listen')
  const stopping = new AbortController()
  rules.follow(engine, stopping.signal)
  const running = engine.run(stopping.signal)
  return {
    rules,
    registry,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the test ends'))
      await running
      await writer[Symbol.asyncDispose]()
      await http[Symbol.asyncDispose]()
    },
  }
}
