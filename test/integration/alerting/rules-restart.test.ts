import { describe, expect, test } from 'vitest'
import type { RuleGroup } from '../../../alerting/rule.ts'
import { waitFor } from '../../wait.ts'
import { inShort, startReceiver } from './receiver.ts'
import { MINUTE, SECOND, alertsOf, fileGroup, loadRule, shown, writeLoads } from './rules-stand.ts'
import { START, type Simulation, simulate } from './simulation.ts'

async function restart(sim: Simulation, offForMs: number): Promise<void> {
  await sim.stop()
  sim.skipTo(sim.now() + offForMs)
  await sim.start()
}

describe.each([
  ['at once', 0],
  ['after half a minute', 30 * SECOND],
  ['after ten minutes', 10 * MINUTE],
])('a restart %s', (_, off) => {
  test('a pending alert goes on with its time, and fires when it would have', async () => {
    const group = fileGroup([loadRule('High', { forMs: 15 * MINUTE })])
    await using sim = await simulate({ devices: [], groups: (own) => [...own, group] })
    await writeLoads(sim, { a: 9 }, 0, 20 * MINUTE)
    await sim.start()
    await sim.runUntil(START + 2 * MINUTE)
    expect(alertsOf(sim)).toEqual(['High a pending since 0'])

    await restart(sim, off)
    await sim.runUntil(START + 15 * MINUTE - 2 * SECOND)
    expect(alertsOf(sim)).toEqual(['High a pending since 0'])
    expect(await shown(sim)).toEqual(['High a pending'])
    await sim.runUntil(START + 15 * MINUTE + 2 * SECOND)
    expect(alertsOf(sim)).toEqual(['High a firing since 0'])
    expect(await shown(sim)).toEqual(['High a firing'])
  })

  test('a firing alert goes on: it was told once, and is ended once (C3)', async () => {
    await using receiver = await startReceiver()
    const group = fileGroup([loadRule('High', { forMs: MINUTE })])
    await using sim = await simulate({
      devices: [],
      groups: (own) => [...own, group],
      receivers: [{ url: receiver.url }],
    })
    await writeLoads(sim, { a: 9 }, 0, 14 * MINUTE)
    await writeLoads(sim, { a: 1 }, 14 * MINUTE, 20 * MINUTE)
    await sim.start()
    await sim.runUntil(START + 2 * MINUTE)
    await waitFor(() => receiver.accepted().length === 1)

    await restart(sim, off)
    await sim.runUntil(START + 13 * MINUTE)
    expect(alertsOf(sim)).toEqual(['High a firing since 0'])
    await sim.runUntil(START + 15 * MINUTE)
    await waitFor(() => receiver.accepted().length >= 2)
    expect(inShort(receiver.accepted())).toEqual(['firing High a', 'resolved High a'])
    expect(new Set(receiver.accepted().map(({ startsAt }) => startsAt))).toEqual(
      new Set([new Date(START + MINUTE).toISOString()]),
    )
    expect(await shown(sim)).toEqual([])
  })

  test('an alert that fires on without its condition ends when it would have', async () => {
    const group = fileGroup([loadRule('High', { keepFiringForMs: 15 * MINUTE })])
    await using sim = await simulate({ devices: [], groups: (own) => [...own, group] })
    await writeLoads(sim, { a: 9 }, 0, MINUTE)
    await writeLoads(sim, { a: 1 }, MINUTE, 20 * MINUTE)
    await sim.start()
    await sim.runUntil(START + 2 * MINUTE)
    expect(alertsOf(sim)).toEqual(['High a firing since 0, kept since 60'])

    await restart(sim, off)
    await sim.runUntil(START + 16 * MINUTE - 2 * SECOND)
    expect(alertsOf(sim)).toEqual(['High a firing since 0, kept since 60'])
    await sim.runUntil(START + 16 * MINUTE + 2 * SECOND)
    expect(alertsOf(sim)).toEqual(['High a resolved since 0'])
    expect(await shown(sim)).toEqual([])
  })
})

test('what ended while nobody evaluated is ended by the first evaluation', async () => {
  await using receiver = await startReceiver()
  const group = fileGroup([loadRule('High')])
  await using sim = await simulate({
    devices: [],
    groups: (own) => [...own, group],
    receivers: [{ url: receiver.url }],
  })
  await writeLoads(sim, { a: 9 }, 0, 2 * MINUTE)
  await writeLoads(sim, { a: 1 }, 2 * MINUTE, 10 * MINUTE)
  await sim.start()
  await sim.runUntil(START + MINUTE)
  await waitFor(() => receiver.accepted().length === 1)
  await restart(sim, 3 * MINUTE)
  await sim.runUntil(sim.now() + 16 * SECOND)
  await waitFor(() => receiver.accepted().length === 2)
  expect(inShort(receiver.accepted())).toEqual(['firing High a', 'resolved High a'])
  expect(await shown(sim)).toEqual([])
})

describe('C5 while alerting was off', () => {
  const before = fileGroup([loadRule('High')])

  /** The alert of `before` is told; then alerting is off for half a minute, and starts again with other groups. */
  async function toldThenRestarted(
    receiver: Awaited<ReturnType<typeof startReceiver>>,
    after: readonly RuleGroup[],
  ): ReturnType<typeof simulate> {
    let groups: readonly RuleGroup[] = [before]
    const sim = await simulate({
      devices: [],
      groups: (own) => [...own, ...groups],
      receivers: [{ url: receiver.url }],
    })
    await writeLoads(sim, { a: 9 }, 0, 10 * MINUTE)
    await sim.start()
    await sim.runUntil(START + MINUTE)
    await waitFor(() => receiver.accepted().length === 1)
    groups = after
    await restart(sim, 30 * SECOND)
    return sim
  }

  test.each([
    ['the rule was deleted', [], []],
    ['the rule was renamed', [fileGroup([loadRule('Load')])], ['firing Load a']],
    ['the file is no longer read', [], []],
    ['the group was renamed', [{ ...before, name: 'loads' }], ['firing High a']],
  ])('%s: what was told of it is over', async (_, after, toldThen) => {
    await using receiver = await startReceiver()
    await using sim = await toldThenRestarted(receiver, after)
    await sim.runUntil(sim.now() + 30 * SECOND)
    await waitFor(() => receiver.accepted().length === 2 + toldThen.length)
    expect(inShort(receiver.accepted().slice(1)).toSorted()).toEqual(
      ['resolved High a', ...toldThen].toSorted(),
    )
    expect((await shown(sim)).filter((text) => text.startsWith('High'))).toEqual([])
  })

  test.each([
    ['the interval is another', { intervalMs: 30 * SECOND }],
    ['it stands in another file', { file: 'other.yml' }],
    ['the rule asks for something else', { rules: [{ ...loadRule('High'), expr: 'load > 7' }] }],
  ])('%s: the alert goes on as it was', async (_, more) => {
    await using receiver = await startReceiver()
    await using sim = await toldThenRestarted(receiver, [{ ...before, ...more }])
    await sim.runUntil(sim.now() + 2 * MINUTE)
    expect(alertsOf(sim)).toEqual(['High a firing since 0'])
    expect(inShort(receiver.accepted())).toEqual(['firing High a'])
  })
})
