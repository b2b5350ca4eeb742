import { describe, expect, test } from 'vitest'
import type { RuleGroup } from '../../../alerting/rule.ts'
import { MINUTE, SECOND, alertsOf, fileGroup, loadRule, shown, writeLoads } from './rules-stand.ts'
import { START, type Simulation, simulate } from './simulation.ts'

async function simulated(...groups: readonly RuleGroup[]): Promise<Simulation> {
  return simulate({ devices: [], groups: (own) => [...own, ...groups] })
}

/** Stamps of a series' raw samples, in seconds after the start; stale markers left out. */
async function stampsOf(sim: Simulation, match: string): Promise<number[]> {
  await sim.query('1')
  const csv = await sim.stores.victoriaMetrics.exportCsv(match, ['__timestamp__:unix_ms'], {
    start: START - MINUTE,
    end: sim.now() + MINUTE,
  })
  const stamps = csv.split('\n').filter((line) => line !== '')
  // An export is in order within each of its blocks, of which there may be several.
  return stamps.map((line) => (Number(line) - START) / SECOND).sort((one, other) => one - other)
}

test('evaluations of a group of a file lie on its grid, wherever it began', async () => {
  await using sim = await simulated(fileGroup([loadRule('High')]))
  await writeLoads(sim, { a: 9 }, 0, 5 * MINUTE)
  sim.skipTo(START + 50 * SECOND)
  await sim.start()
  await sim.runUntil(START + 2 * MINUTE + 5 * SECOND)
  expect(alertsOf(sim)).toEqual(['High a firing since 45'])
  expect(await stampsOf(sim, 'ALERTS')).toEqual([45, 60, 75, 90, 105, 120])
})

test('… at its offset, and earlier by its delay', async () => {
  await using sim = await simulated(
    fileGroup([loadRule('Offset')], { evalOffsetMs: -5 * SECOND }),
    fileGroup([loadRule('Delay')], { file: 'delay.yml', evalDelayMs: 30 * SECOND }),
  )
  await writeLoads(sim, { a: 9 }, 0, 5 * MINUTE)
  await sim.start()
  await sim.runUntil(START + MINUTE + 5 * SECOND)
  expect(await stampsOf(sim, 'ALERTS{alertname="Offset"}')).toEqual([10, 25, 40, 55])
  expect(await stampsOf(sim, 'ALERTS{alertname="Delay"}')).toEqual([0, 15, 30])
})

test('pending shows as pending, firing as firing, and neither beside the other', async () => {
  await using sim = await simulated(fileGroup([loadRule('High', { forMs: 30 * SECOND })]))
  await writeLoads(sim, { a: 9 }, 0, MINUTE)
  await writeLoads(sim, { a: 1 }, MINUTE, 5 * MINUTE)
  await sim.start()
  await sim.runUntil(START + 16 * SECOND)
  expect(await shown(sim)).toEqual(['High a pending'])
  await sim.runUntil(START + 32 * SECOND)
  expect(await shown(sim)).toEqual(['High a firing'])
  expect((await sim.query('ALERTS_FOR_STATE')).map(({ value }) => value * SECOND)).toEqual([START])
  await sim.runUntil(START + MINUTE + 2 * SECOND)
  expect(await shown(sim)).toEqual([])
  expect(await sim.query('ALERTS_FOR_STATE')).toEqual([])
})

describe('a recording rule', () => {
  const record = (expr: string): RuleGroup =>
    fileGroup([{ record: 'load:double', expr, labels: { source: 'rule' } }])
  const recorded = async (sim: Simulation) =>
    (await sim.query('load:double')).map(({ labels, value }) => `${labels['device']} ${value}`)

  test('writes a sample for each evaluation, also of a value that doesn’t change', async () => {
    await using sim = await simulated(record('load * 2'))
    await writeLoads(sim, { a: 4 }, 0, 5 * MINUTE)
    await sim.start()
    await sim.runUntil(START + MINUTE + 2 * SECOND)
    expect(await stampsOf(sim, 'load:double{source="rule",device="a"}')).toEqual([
      0, 15, 30, 45, 60,
    ])
  })

  test('ends a series that it gives no more, and that one alone', async () => {
    await using sim = await simulated(record('last_over_time(load[20s]) * 2'))
    await writeLoads(sim, { a: 4, b: 5 }, 0, MINUTE)
    await writeLoads(sim, { b: 5 }, MINUTE, 5 * MINUTE)
    await sim.start()
    await sim.runUntil(START + MINUTE)
    expect((await recorded(sim)).toSorted()).toEqual(['a 8', 'b 10'])
    await sim.runUntil(START + 2 * MINUTE)
    expect(await recorded(sim)).toEqual(['b 10'])
  })

  test('that is deleted ends all of them', async () => {
    await using sim = await simulated(record('load * 2'))
    await writeLoads(sim, { a: 4 }, 0, 5 * MINUTE)
    await sim.start()
    await sim.runUntil(START + MINUTE)
    await sim.reload([])
    expect(await recorded(sim)).toEqual([])
  })

  test('that fails ends nothing', async () => {
    await using sim = await simulated(
      fileGroup([
        {
          record: 'load:double',
          expr: async ({ at, query }) => {
            if (at >= START + MINUTE) throw new Error('not now')
            return query('load * 2')
          },
        },
      ]),
    )
    await writeLoads(sim, { a: 4 }, 0, 5 * MINUTE)
    await sim.start()
    await sim.runUntil(START + 2 * MINUTE)
    expect(await recorded(sim)).toEqual(['a 8'])
    expect((await stampsOf(sim, 'load:double')).at(-1)).toBe(45)
  })
})

describe('C8, C9 in a group of a file', () => {
  test('a broken expression fails alone; results that can’t be are left out alone', async () => {
    await using sim = await simulated(
      fileGroup([
        loadRule('Broken', { expr: 'nonsense(load)' }),
        loadRule('Infinite', { expr: 'load / (load - 9)' }),
        loadRule('Same', { expr: '{__name__=~"load|other"}' }),
        loadRule('High'),
      ]),
    )
    await writeLoads(sim, { a: 9, b: 8 }, 0, MINUTE)
    const other = { measurement: '', labels: { device: 'a' }, fields: { other: 9 }, at: START }
    await sim.write([other])
    await sim.start()
    await sim.runUntil(START + 16 * SECOND)
    expect(alertsOf(sim).map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
      'High a',
      'High b',
      'Infinite a',
      'Infinite b',
      'Same a',
      'Same b',
    ])
    const [group] = sim.view().filter(({ group: { file } }) => file !== '')
    const [broken, infinite, same, high] = group?.rules ?? []
    expect(broken?.lastError).toMatch(/nonsense/)
    expect(infinite?.health).toBe('ok')
    expect(same?.lastError).toMatch(/labels of another one.*"device":"a"/)
    expect(high?.health).toBe('ok')
  })
})

test('parameters and headers of a group go with its queries', async () => {
  await using sim = await simulated(
    fileGroup([loadRule('High', { expr: 'load' })], {
      params: { 'extra_filters[]': ['{device="b"}'] },
      headers: { 'X-Scope': 'noc' },
    }),
  )
  await writeLoads(sim, { a: 9, b: 9 }, 0, MINUTE)
  await sim.start()
  await sim.runUntil(START + 16 * SECOND)
  expect(alertsOf(sim)).toEqual(['High b firing since 0'])
})
