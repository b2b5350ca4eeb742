import { beforeEach, expect, test } from 'vitest'
import { type Assessor, createAssessor } from '../../../api/assessor.ts'
import { type StatusView, createStatusView } from '../../../api/status-view.ts'
import { type View, buildView } from '../../../api/view/build.ts'
import { VictoriaMetricsError } from '../../../lib/victoriametrics.ts'
import { type ManualClock, manualClock } from '../../fakes/clock.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { AT, vectorsOf } from './fleet-vectors.ts'

const inventory = inventoryOf(device('a'))
const vectors = vectorsOf({ id: 'a', up: true, sampleAgo: 1_000, rtt: 0.01 })
/** Health waits a second for VictoriaMetrics: in less it did not. */
const AT_ONCE_MS = 900
const hang = (): Promise<View> => new Promise(() => {})

let clock: ManualClock
let ask: (at: number) => Promise<View>
let view: StatusView
let assessor: Assessor
beforeEach(() => {
  clock = manualClock(AT)
  ask = async (at) => buildView(inventory.current, vectors, new Map(), at)
  view = createStatusView({ clock, ask: (at) => ask(at) })
  assessor = createAssessor({
    view,
    redis: { status: 'ready', ping: async () => 'PONG' },
    inventory,
    clock,
    evaluationMs: 15_000,
    mode: 'standalone',
    version: '1.2.3',
  })
})

/** What health says, and whether it had to wait for it. */
async function assess(): Promise<{ status: string; reasons: readonly string[]; tookMs: number }> {
  const startedAt = performance.now()
  const { status, reasons } = await assessor.healthNow()
  return { status, reasons, tookMs: performance.now() - startedAt }
}

test('H2 while VictoriaMetrics hangs, health tells at once what is known', async () => {
  await view.current()
  ask = hang
  await clock.advance(4_000)

  const { status, tookMs } = await assess()

  expect(status).toBe('degraded') // nothing was said of alerting
  expect(tookMs).toBeLessThan(AT_ONCE_MS)
})

test('H2 once nothing is known any more it says so, after a second counted from when it was asked', async () => {
  await view.current()
  ask = hang
  await clock.advance(60_000)

  const first = assess()
  await clock.advance(2_000)
  const second = await assess()

  expect(second).toMatchObject({
    status: 'unhealthy',
    reasons: ['VictoriaMetrics does not answer in time'],
  })
  expect(second.tookMs).toBeLessThan(AT_ONCE_MS)
  expect(await first).toMatchObject({ status: 'unhealthy' })
})

test('H2 a failure a moment ago is told at once, one of long ago is tried again', async () => {
  ask = async () => {
    throw new VictoriaMetricsError('nobody there', 'unreachable')
  }
  expect(await assess()).toMatchObject({ status: 'unhealthy' })
  ask = hang
  expect((await assess()).tookMs).toBeLessThan(AT_ONCE_MS)

  await clock.advance(60_000)
  const again = assess()
  expect(await again).toMatchObject({ reasons: ['VictoriaMetrics does not answer in time'] })
})

test('what is told of a past instant is assessed as of then', async () => {
  const past = buildView(inventory.current, vectors, new Map(), AT, new Map(), { isPast: true })
  await clock.advance(3_600_000)

  expect(assessor.stats(past)).toMatchObject({
    as_of: new Date(AT).toISOString(),
    samples: { fresh: 1, age_seconds: 1 },
  })
})
