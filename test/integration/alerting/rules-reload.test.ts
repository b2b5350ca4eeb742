import { describe, expect, test } from 'vitest'
import type { RuleGroup } from '../../../alerting/rule.ts'
import { waitFor } from '../../wait.ts'
import { type TestReceiver, inShort, startReceiver } from './receiver.ts'
import { MINUTE, SECOND, alertsOf, fileGroup, loadRule, shown, writeLoads } from './rules-stand.ts'
import { START, type Simulation, simulate } from './simulation.ts'

const TWO_MINUTES = START + 2 * MINUTE

/** `groups` over a device whose load is too high for ten minutes; `reloaded` is called two minutes later. */
async function afterReload(
  before: readonly RuleGroup[],
  after: readonly RuleGroup[],
  then: (sim: Simulation, receiver: TestReceiver) => Promise<void>,
): Promise<void> {
  await using receiver = await startReceiver()
  await using sim = await simulate({
    devices: [],
    groups: (own) => [...own, ...before],
    receivers: [{ url: receiver.url }],
  })
  await writeLoads(sim, { a: 9 }, 0, 10 * MINUTE)
  await sim.start()
  await sim.runUntil(TWO_MINUTES)
  await waitFor(() => receiver.accepted().length === 1)
  await sim.reload(after)
  await then(sim, receiver)
}

const high = fileGroup([loadRule('High')])

describe('C5 rules that change while an alert fires', () => {
  test.each<[string, RuleGroup]>([
    ['nothing changed', fileGroup([loadRule('High')])],
    ['it fires from another value on', fileGroup([{ ...loadRule('High'), expr: 'load > 7' }])],
    ['it has a for now', fileGroup([loadRule('High', { forMs: 10 * MINUTE })])],
    ['it has another text', fileGroup([loadRule('High', { annotations: {} })])],
    ['another rule came', fileGroup([loadRule('Low', { expr: 'load < 0' }), loadRule('High')])],
    ['its group has another interval', { ...high, intervalMs: 30 * SECOND }],
    ['its group moved to another file', { ...high, file: 'other.yml' }],
  ])('%s: it goes on, since when it was, and nobody is told again', async (_, after) => {
    await afterReload([high], [after], async (sim, receiver) => {
      await sim.runUntil(TWO_MINUTES + 2 * MINUTE)
      expect(alertsOf(sim)).toEqual(['High a firing since 0'])
      expect(await shown(sim)).toEqual(['High a firing'])
      expect(inShort(receiver.accepted())).toEqual(['firing High a'])
    })
  })

  test.each<[string, RuleGroup]>([
    ['interval', { ...high, intervalMs: 5 * MINUTE }],
    ['delay', { ...high, evalDelayMs: 2 * MINUTE }],
    ['interval, in another file', { ...high, file: 'other.yml', intervalMs: 5 * MINUTE }],
  ])(
    'its group has a longer %s: no instant before it began is evaluated, which would end it',
    async (_, after) => {
      await using receiver = await startReceiver()
      await using sim = await simulate({
        devices: [],
        groups: (own) => [...own, high],
        receivers: [{ url: receiver.url }],
      })
      await writeLoads(sim, { a: 9 }, 90 * SECOND, 10 * MINUTE)
      await sim.start()
      await sim.runUntil(TWO_MINUTES)
      await waitFor(() => receiver.accepted().length === 1)
      await sim.reload([after])
      await sim.runUntil(TWO_MINUTES + 4 * MINUTE)
      expect(alertsOf(sim)).toEqual(['High a firing since 90'])
      expect(inShort(receiver.accepted())).toEqual(['firing High a'])
    },
  )

  test.each<[string, RuleGroup[]]>([
    ['the rule is deleted', [fileGroup([loadRule('Low', { expr: 'load < 0' })])]],
    ['the group is deleted', []],
    [
      'its labels are others',
      [fileGroup([loadRule('Low', { expr: 'load < 0', severity: 'info' })])],
    ],
  ])('%s: it is ended at once, and shows no more', async (_, after) => {
    await afterReload([high], after, async (sim, receiver) => {
      await waitFor(() => receiver.accepted().length === 2)
      expect(inShort(receiver.accepted())).toEqual(['firing High a', 'resolved High a'])
      await sim.runUntil(TWO_MINUTES + 16 * SECOND)
      expect(await shown(sim)).toEqual([])
    })
  })

  test('the rule is renamed: one ends, the other begins', async () => {
    await afterReload([high], [fileGroup([loadRule('Load')])], async (sim, receiver) => {
      await sim.runUntil(TWO_MINUTES + 16 * SECOND)
      await waitFor(() => receiver.accepted().length === 3)
      const told = inShort(receiver.accepted())
      expect(told.toSorted()).toEqual(['firing High a', 'firing Load a', 'resolved High a'])
      expect(await shown(sim)).toEqual(['Load a firing'])
    })
  })

  test('it no longer holds under the edited rule: it is ended by the next evaluation', async () => {
    const edited = fileGroup([{ ...loadRule('High'), expr: 'load > 50' }])
    await afterReload([high], [edited], async (sim, receiver) => {
      await sim.runUntil(TWO_MINUTES + 16 * SECOND)
      await waitFor(() => receiver.accepted().length === 2)
      expect(inShort(receiver.accepted())).toEqual(['firing High a', 'resolved High a'])
      expect(await shown(sim)).toEqual([])
    })
  })

  test('the new expression is broken: nothing is known, so nothing ends', async () => {
    const broken = fileGroup([{ ...loadRule('High'), expr: 'broken(' }])
    await afterReload([high], [broken], async (sim, receiver) => {
      await sim.runUntil(TWO_MINUTES + MINUTE)
      expect(alertsOf(sim)).toEqual(['High a firing since 0'])
      expect(inShort(receiver.accepted())).toEqual(['firing High a'])
      const [status] = sim.view().filter(({ group }) => group.file !== '')
      expect(status?.rules[0]).toMatchObject({ health: 'err' })
      expect(status?.rules[0]?.lastError).toMatch(/broken/)
    })
  })
})

test('groups of one name in two files with the same alert: it is told once, and ended once', async () => {
  const other = { ...high, file: 'other.yml' }
  await using receiver = await startReceiver()
  await using sim = await simulate({
    devices: [],
    groups: (own) => [...own, high, other],
    receivers: [{ url: receiver.url }],
  })
  await writeLoads(sim, { a: 9 }, 0, 2 * MINUTE)
  await sim.start()
  await sim.runUntil(TWO_MINUTES)
  await sim.reload([fileGroup([loadRule('High')]), { ...other }])
  expect(await shown(sim)).toEqual(['High a firing'])
  await sim.runUntil(TWO_MINUTES + 2 * MINUTE)
  await waitFor(() => receiver.accepted().length === 2)
  expect(inShort(receiver.accepted())).toEqual(['firing High a', 'resolved High a'])
  expect(await shown(sim)).toEqual([])
})

test('a rule keeps what is known of its last evaluations', async () => {
  await afterReload([high], [fileGroup([loadRule('High')])], async (sim) => {
    const [group] = sim.view().filter(({ group: { file } }) => file !== '')
    expect(group?.rules[0]).toMatchObject({ health: 'ok', samples: 1 })
    expect(group?.rules[0]?.updates.length).toBeGreaterThan(5)
  })
})

test('a reload before the engine runs is what it begins with', async () => {
  await using sim = await simulate({ devices: [], groups: (own) => [...own, high] })
  await writeLoads(sim, { a: 9 }, 0, MINUTE)
  await sim.start()
  await sim.reload([fileGroup([loadRule('Load')])])
  await sim.runUntil(START + 30 * SECOND)
  expect(alertsOf(sim)).toEqual(['Load a firing since 0'])
})
