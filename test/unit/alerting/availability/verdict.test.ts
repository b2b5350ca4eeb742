import { describe, expect, test } from 'vitest'
import { createAvailabilityWatch } from '../../../../alerting/availability/watch.ts'
import type { EvaluationContext, Result } from '../../../../alerting/rule.ts'
import { availabilityRules } from '../../../../alerting/rules/availability.ts'
import type { Device } from '../../../../lib/inventory.ts'
import type { Sample } from '../../../../lib/line-protocol.ts'
import type { VictoriaMetrics } from '../../../../lib/victoriametrics.ts'
import { device } from '../../../fakes/inventory.ts'
import { recordLog } from '../../../fakes/log.ts'
import { type RunningLoop, NOON, slotOf, startLoop } from '../../collector/ping/loop-fixture.ts'

const SECOND = 1_000
const TURN_MS = 100
const signal = new AbortController().signal
const HOURLY = 3_600 * SECOND

/** VictoriaMetrics with the samples that a collector has written so far, those that `isStored` of them. */
const storeOf = (
  { written }: RunningLoop,
  isStored: (sample: Sample) => boolean = () => true,
): VictoriaMetrics =>
  ({
    flush: async () => true,
    // The first sample of all: what the watch asks for before it has any.
    query: async (expr: string) =>
      expr.includes('tfirst_over_time') && written[0] !== undefined
        ? [{ labels: {}, value: written[0].at / SECOND, at: 0 }]
        : [],
    exportCsv: async (match: string, _: unknown, range: { start: number; end: number }) =>
      match === 'ping_up'
        ? written
            .filter((sample) => isStored(sample))
            .filter(({ at }) => at >= range.start && at <= range.end)
            .map(({ at, fields, labels }) => `${at},${fields['up']},${labels['device']}\n`)
            .join('')
        : '',
  }) as unknown as VictoriaMetrics

/** What the real ping loop and the real decision make of a fleet: who is told as down, and when. */
async function play(
  devices: readonly Device[],
  answers: (address: string, at: number) => boolean,
  forMs: number,
  isStored: (sample: Sample, now: number) => boolean = () => true,
): Promise<{ told: Record<string, number>; confirmed: Record<string, number> }> {
  await using loop = await startLoop({ devices, answers })
  const store = storeOf(loop, (sample) => isStored(sample, loop.clock.now()))
  const watch = createAvailabilityWatch(store, recordLog().log)
  const rule = availabilityRules(2_000).rules.find(
    (one) => 'alert' in one && one.alert === 'DeviceDown',
  )
  if (typeof rule?.expr !== 'function') throw new Error('expected a rule of code')
  const told: Record<string, number> = {}
  const confirmed: Record<string, number> = {}
  for (let at = NOON; at < NOON + forMs; at += TURN_MS) {
    const { fleet } = await watch.read(loop.inventory.current, at, signal)
    const context = {
      at,
      signal,
      fleet,
      firing: new Set(Object.keys(told)),
      query: async () => [],
    } satisfies EvaluationContext
    for (const { labels } of rule.expr(context) as readonly Result[])
      told[labels['device'] ?? ''] ??= at
    for (const { id } of devices) if (fleet.evidence(id)?.state?.up === false) confirmed[id] ??= at
    await loop.clock.advance(TURN_MS)
  }
  return { told, confirmed }
}

const ping = (intervalMs: number, timeoutMs = SECOND) => ({
  intervalMs,
  count: 2,
  timeoutMs,
  confirm: 3,
})
const chain = [
  device('core', { address: '198.18.0.1', ping: ping(HOURLY) }),
  device('router', { address: '198.18.0.2', ping: ping(HOURLY), parents: ['core'] }),
  device('switch', { address: '198.18.0.3', ping: ping(HOURLY), parents: ['router'] }),
  device('child', { address: '198.18.0.4', ping: ping(30 * SECOND), parents: ['switch'] }),
]
/** All of them answer until the child's first probe of its second interval. */
const outageAt = slotOf('child', 30) + 30 * SECOND

describe('the decision on a device that fails (C6)', () => {
  test('is made with its own confirmation where its parents answer', async () => {
    const answers = (address: string, at: number) => address !== '198.18.0.4' || at < outageAt
    const { told, confirmed } = await play(chain, answers, 90 * SECOND)
    expect(Object.keys(told)).toEqual(['child'])
    expect(told['child']).toBe(confirmed['child'])
  })

  test.each([
    ['its parent', '198.18.0.3', 'switch'],
    ['what its parent lies behind', '198.18.0.2', 'router'],
    ['the top of the chain, which is probed every hour', '198.18.0.1', 'core'],
  ])('names %s as the cause, and nobody else', async (_, from, cause) => {
    const answers = (address: string, at: number) => at < outageAt || address < from
    const { told, confirmed } = await play(chain, answers, 90 * SECOND)
    expect(Object.keys(told)).toEqual([cause])
    // The child is the one that was probed first; the cause is confirmed within the 3 s that are waited for it.
    expect((told[cause] ?? 0) - (confirmed['child'] ?? 0)).toBeLessThanOrEqual(3 * SECOND)
  })

  test('waits no longer than 3 s for a parent that takes longer to be confirmed', async () => {
    const slow = chain.map((each) =>
      each.id === 'switch' ? { ...each, ping: ping(HOURLY, 6 * SECOND) } : each,
    )
    const answers = (address: string, at: number) => at < outageAt || address < '198.18.0.3'
    const { told, confirmed } = await play(slow, answers, 120 * SECOND)
    const waited = (told['child'] ?? 0) - (confirmed['child'] ?? 0)
    expect(waited).toBeGreaterThan(2 * SECOND)
    expect(waited).toBeLessThanOrEqual(3_600)
    // The cause is told as soon as it is known: the child was told and stays so.
    expect(Object.keys(told)).toEqual(['child', 'switch'])
  })

  // The child is confirmed by then, and its parent isn't.
  const isInTime = ({ at }: Sample) => at <= outageAt + 3 * SECOND
  const silentBelow = (address: string, at: number) => at < outageAt || address < '198.18.0.3'

  test('waits for samples that are overdue, as on a machine that has too much to do', async () => {
    const isStored = (sample: Sample, now: number) =>
      isInTime(sample) || now >= sample.at + 9 * SECOND
    const { told } = await play(chain, silentBelow, 90 * SECOND, isStored)
    expect(Object.keys(told)).toEqual(['switch'])
  })

  test('waits for overdue samples no longer than 15 s', async () => {
    const { told, confirmed } = await play(chain, silentBelow, 60 * SECOND, isInTime)
    expect(Object.keys(told)).toEqual(['child'])
    const waited = (told['child'] ?? 0) - (confirmed['child'] ?? 0)
    expect(waited).toBeGreaterThan(12 * SECOND)
    expect(waited).toBeLessThanOrEqual(15_600)
  })

  test('is made within seconds of a parent that is back, whatever the interval', async () => {
    const downAt = slotOf('parent', 30)
    const backAt = downAt + 60 * SECOND
    const devices = [
      device('parent', { address: '198.18.0.1', ping: ping(30 * SECOND) }),
      device('late', { address: '198.18.0.2', ping: ping(30 * SECOND), parents: ['parent'] }),
      device('broken', { address: '198.18.0.3', ping: ping(30 * SECOND), parents: ['parent'] }),
    ]
    const answers = (address: string, at: number) =>
      at < downAt || (at >= backAt && address !== '198.18.0.3')
    const { told } = await play(devices, answers, 120 * SECOND)
    expect(Object.keys(told)).toEqual(['parent', 'broken'])
    expect((told['broken'] ?? 0) - backAt).toBeLessThanOrEqual(8 * SECOND)
  })
})
