import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Facts } from '../../../../api/reports/facts.ts'
import { outagesOf } from '../../../../api/reports/outages.ts'
import { availabilityOf, rowsInSlices } from '../../../../api/reports/rows.ts'
import {
  type Counts,
  type History,
  type Said,
  segmentsOf,
} from '../../../../api/reports/segments.ts'
import { type Span, union } from '../../../../api/reports/spans.ts'
import { atOnce } from '../../../../lib/slices.ts'
import { device } from '../../../fakes/inventory.ts'

const rowsOf = (...given: Parameters<typeof rowsInSlices>) => atOnce(rowsInSlices(...given))

const T0 = Date.UTC(2026, 9, 1)
const SECONDS = 120
const range: Span = { from: T0, until: T0 + SECONDS * 1000 }
const at = (second: number): number => T0 + second * 1000
const span = (from: number, until: number): Span => ({ from: at(from), until: at(until) })

/** A world in whole seconds. */
type World = { turns: [number, Said][]; unknown: [number, number][]; excluded: [number, number][] }

const second = fc.integer({ min: -20, max: SECONDS + 20 })
const spans = fc.array(fc.tuple(second, second), { maxLength: 4 })
const world: fc.Arbitrary<World> = fc.record({
  turns: fc.array(fc.tuple(second, fc.constantFrom<Said>('up', 'down', 'down', 'off', 'unsaid')), {
    maxLength: 8,
  }),
  unknown: spans,
  excluded: spans,
})

const spansOf = (given: [number, number][]): Span[] => union(given.map(([a, b]) => span(a, b)))
const historyOf = ({ turns, unknown }: World): History => ({
  turns: turns
    .toSorted(([one], [other]) => one - other)
    .map(([seconds, said]) => ({ at: at(seconds), said })),
  unknown: spansOf(unknown),
})

/** What one second counts as, found by looking at that second alone. */
function lookAt(given: World, moment: number): { said: Said; counts: Counts | null } {
  let said: Said = 'off'
  for (const [seconds, word] of given.turns.toSorted(([one], [other]) => one - other))
    if (seconds <= moment) said = word
  const isIn = (list: [number, number][]): boolean =>
    list.some(([a, b]) => a <= moment && moment < b)
  if (said === 'off') return { said, counts: null }
  if (isIn(given.excluded)) return { said, counts: 'excluded' }
  if (isIn(given.unknown) || said === 'unsaid') return { said, counts: 'unknown' }
  return { said, counts: said }
}

const everySecond = Array.from({ length: SECONDS }, (_, index) => index)

describe('the seconds of a device', () => {
  test('add up as a clock that looks at each second counts them', () => {
    fc.assert(
      fc.property(world, (given) => {
        const counted = { up: 0, down: 0, excluded: 0, unknown: 0 }
        for (const moment of everySecond) {
          const { counts } = lookAt(given, moment)
          if (counts !== null) counted[counts] += 1000
        }
        const { total } = rowsOf(factsOf({ r1: given }), excludedFor(given), [device('r1')], {
          by: 'device',
          range,
        })
        expect(total.ms).toEqual(counted)
      }),
    )
  })

  test('of its outages are those in which it is down, whether they count or not', () => {
    fc.assert(
      fc.property(world, (given) => {
        const segments = segmentsOf(historyOf(given), spansOf(given.excluded), range)
        const { outages, upMs } = outagesOf([segments], range.until)
        const moments = everySecond.map((moment) => lookAt(given, moment))
        const sum = (of: 'downMs' | 'excludedMs' | 'unknownMs'): number =>
          outages.reduce((total, outage) => total + outage[of], 0)
        const downs = moments.filter(({ said }) => said === 'down')

        expect(upMs).toBe(moments.filter(({ counts }) => counts === 'up').length * 1000)
        expect(sum('downMs')).toBe(downs.filter(({ counts }) => counts === 'down').length * 1000)
        // Times in between, of which nothing is known, are within an outage or in none.
        for (const { start, end, ...lengths } of outages)
          expect((end ?? range.until) - start).toBe(
            lengths.downMs + lengths.excludedMs + lengths.unknownMs,
          )
        for (const moment of everySecond) {
          if (moments[moment]?.said !== 'down') continue
          const isIn = outages.some(
            ({ start, end }) => start <= at(moment) && at(moment) < (end ?? range.until),
          )
          expect(isIn).toBe(true)
        }
      }),
    )
  })
})

describe('a branch', () => {
  test('has the seconds of its devices, and is down while one is down and none is up', () => {
    fc.assert(
      fc.property(fc.array(world, { minLength: 1, maxLength: 4 }), (worlds) => {
        const devices = worlds.map((_, index) => device(`d${index}`))
        const given = Object.fromEntries(worlds.map((one, index) => [`d${index}`, one]))
        const excluded = {
          of: ({ id }: { id: string }) => spansOf(given[id]?.excluded ?? []),
          windows: [],
          version: '',
        }
        const { rows } = rowsOf(factsOf(given), excluded, devices, { by: 'branch', range })
        const alone = rowsOf(factsOf(given), excluded, devices, { by: 'device', range }).rows
        const wholly = everySecond.filter((moment) => {
          const seen = worlds.map((one) => lookAt(one, moment))
          const isDown = seen.some(({ said }) => said === 'down')
          const counts = seen.some((one) => one.counts === 'down')
          return isDown && counts && !seen.some(({ said }) => said === 'up')
        })

        for (const counts of ['up', 'down', 'excluded', 'unknown'] as const)
          expect(rows[0]?.ms[counts]).toBe(alone.reduce((sum, { ms }) => sum + ms[counts], 0))
        const downMs = rows[0]?.outages.reduce((sum, outage) => sum + outage.downMs, 0)
        expect(downMs).toBe(wholly.length * 1000)
      }),
    )
  })
})

const up = (turns: World['turns'], more: Partial<World> = {}): World => ({
  turns,
  unknown: [],
  excluded: [],
  ...more,
})

function rowFor(given: World) {
  return rowsOf(factsOf({ r1: given }), excludedFor(given), [device('r1')], { by: 'device', range })
    .rows[0]
}

describe('outages', () => {
  test('two in two minutes: mean time to repair and between failures', () => {
    const row = rowFor(
      up([
        [-9, 'up'],
        [10, 'down'],
        [20, 'up'],
        [50, 'down'],
        [80, 'up'],
      ]),
    )

    expect(row?.outages.map(({ start, end }) => [start, end])).toEqual([
      [at(10), at(20)],
      [at(50), at(80)],
    ])
    expect(row).toMatchObject({ outageCount: 2, mttrMs: 20_000, mtbfMs: 40_000 })
    expect(availabilityOf(row?.ms ?? { up: 0, down: 0, excluded: 0, unknown: 0 })).toBeCloseTo(
      2 / 3,
    )
  })

  test('one that lies in maintenance is listed, and neither numbered nor counted', () => {
    const row = rowFor(
      up(
        [
          [-9, 'up'],
          [10, 'down'],
          [20, 'up'],
        ],
        { excluded: [[5, 30]] },
      ),
    )

    expect(row?.outages).toMatchObject([{ downMs: 0, excludedMs: 10_000 }])
    expect(row).toMatchObject({ outageCount: 0, mttrMs: null, mtbfMs: null })
    expect(row?.ms).toEqual({ up: 95_000, down: 0, excluded: 25_000, unknown: 0 })
  })

  test('one that is down before and after a time that nobody watched is one', () => {
    const row = rowFor(
      up([
        [-9, 'up'],
        [10, 'down'],
        [20, 'unsaid'],
        [40, 'down'],
        [50, 'up'],
      ]),
    )

    expect(row?.outages).toMatchObject([
      { start: at(10), end: at(50), downMs: 20_000, unknownMs: 20_000 },
    ])
  })

  test('one whose end nobody saw ends where it was seen last', () => {
    const row = rowFor(
      up([
        [-9, 'up'],
        [10, 'down'],
        [20, 'unsaid'],
        [40, 'up'],
      ]),
    )

    expect(row?.outages).toMatchObject([
      { start: at(10), end: at(20), downMs: 10_000, unknownMs: 0 },
    ])
  })

  test('one that began before the range tells when; one that lasts has no end', () => {
    const facts = {
      ...factsOf({ r1: up([[-9, 'down']]) }),
      downBefore: new Map([['r1', at(-900)]]),
    }
    const { rows } = rowsOf(facts, excludedFor(up([])), [device('r1')], { by: 'device', range })

    expect(rows[0]?.outages).toMatchObject([{ start: at(-900), end: null, downMs: SECONDS * 1000 }])
  })

  test('a device that came counts from then on, one that was switched off not meanwhile', () => {
    const row = rowFor(
      up([
        [30, 'up'],
        [60, 'off'],
        [90, 'up'],
      ]),
    )

    expect(row?.ms).toEqual({ up: 60_000, down: 0, excluded: 0, unknown: 0 })
    expect(availabilityOf(rowFor(up([]))?.ms ?? { up: 1, down: 1, excluded: 0, unknown: 0 })).toBe(
      null,
    )
  })

  test('rows come the worst first, what has no figure last', () => {
    const facts = factsOf({
      fine: up([[-9, 'up']]),
      never: up([]),
      bad: up([
        [-9, 'up'],
        [10, 'down'],
      ]),
    })
    const devices = ['fine', 'never', 'bad'].map((id) => device(id))
    const { rows } = rowsOf(facts, excludedFor(up([])), devices, { by: 'device', range })

    expect(rows.map(({ key }) => key)).toEqual(['bad', 'fine', 'never'])
  })
})

function factsOf(worlds: Readonly<Record<string, World>>): Facts {
  return {
    histories: new Map(Object.entries(worlds).map(([id, given]) => [id, historyOf(given)])),
    downBefore: new Map(),
  }
}

function excludedFor({ excluded }: World) {
  return { of: () => spansOf(excluded), windows: [], version: '' }
}
