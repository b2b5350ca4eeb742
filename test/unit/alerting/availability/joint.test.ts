import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Joint,
  type Jury,
  type SiteSample,
  type Track,
  advanceTrack,
  agreed,
  observeJoint,
} from '../../../../alerting/availability/joint.ts'
import { UNSEEN } from '../../../../alerting/availability/machine.ts'
import { trueState } from './oracle.ts'
import { type SiteProbe, trueJointState } from './sites-oracle.ts'

const SECOND = 1_000
const FRESH_MS = 25 * SECOND
const jury: Jury = { confirm: 3, freshMs: FRESH_MS, isBlind: () => false }
const NEW: Joint = { machine: UNSEEN, heard: new Map() }

/** `.` answered, `x` failed, a space for a second without a probe; one character a second. */
const story = (site: string, text: string, vantage = site): SiteSample[] =>
  text
    .split('')
    .flatMap((mark, second) =>
      mark === ' ' ? [] : [{ at: second * SECOND, up: mark === '.', site, vantage }],
    )

const inOrder = (...all: readonly SiteSample[][]): SiteSample[] =>
  all.flat().sort((one, other) => one.at - other.at || Number(other.up) - Number(one.up))

const after = (samples: readonly SiteSample[], by = jury): Joint =>
  samples.reduce((joint, sample) => observeJoint(joint, sample, by), NEW)

describe('a device that two sites probe', () => {
  test.each([
    ['is down once both got no answer', '.xxx', '.xxx', { up: false, since: 1_000 }],
    ['is up while one is answered', '.xxxxxxxx', '.........', { up: true, since: 0 }],
    ['is up while the other has not asked since', '.  xxxxxx', '.        ', { up: true, since: 0 }],
    [
      'is down since the first failed probe of either',
      '.  xxx',
      '.    x',
      { up: false, since: 3_000 },
    ],
    ['is down since the last answer to any', '.xxx.xxx', '..xxxxxx', { up: false, since: 5_000 }],
    ['is back with the first answer to either', '.xxxx   ', '.xxx  . ', { up: true, since: 6_000 }],
    ['was asked by both in the same seconds: two failures', '.xx', '.xx', { up: true, since: 0 }],
    ['failed for one and answered the other in one second', '.xx.', '..x.', { up: true, since: 0 }],
  ])('that %s', (_, one, other, expected) => {
    const { machine } = after(inOrder(story('tbilisi', one), story('batumi', other)))
    expect(machine.state).toEqual(expected)
  })

  test('is down by the one that looks at it, once the other has not looked for 2.5 intervals', () => {
    const failing = `.${' '.repeat(9)}xxxx${' '.repeat(6)}x${' '.repeat(9)}x`
    const joint = after(inOrder(story('tbilisi', failing), story('batumi', '.')))
    expect(joint.machine.state).toEqual({ up: false, since: 10_000 })
  })

  test('is down by the one that sees while the other is blind', () => {
    const blind: Jury = { ...jury, isBlind: (vantage) => vantage === 'batumi' }
    const samples = inOrder(story('tbilisi', '.xxx'), story('batumi', '.'))
    expect(after(samples).machine.state).toEqual({ up: true, since: 0 })
    expect(after(samples, blind).machine.state).toEqual({ up: false, since: 1_000 })
  })

  test('is down without a further sample once the other is out of date', () => {
    const joint = after(inOrder(story('tbilisi', '.xxx'), story('batumi', '.')))
    expect(agreed(joint, 25 * SECOND, jury)).toBe(joint)
    expect(agreed(joint, 25 * SECOND + 1, jury).machine.state).toEqual({ up: false, since: 1_000 })
  })
})

describe('two collectors of one site', () => {
  test.each([
    ['the one ends and the other takes over', '.xx', '   xx', { up: false, since: 1_000 }],
    ['both ask for a while: no sooner', '.xx', '.xx', { up: true, since: 0 }],
    ['the one that left saw it last', '.', '   ...xxx', { up: false, since: 6_000 }],
  ])('are one stream: %s', (_, one, other, expected) => {
    const samples = inOrder(story('', one, 'c1'), story('', other, 'c2'))
    expect(after(samples).machine.state).toEqual(expected)
  })
})

/** Each site asks every 10 s in the same second, and each second for a while; long runs of either kind, and single ones. */
const probes = fc
  .array(
    fc.record({
      gap: fc.constantFrom(1, 1, 1, 2, 10, 10, 30),
      turn: fc.integer({ min: 0, max: 3 }),
      /** Which sites ask, as bits, and which of them see something else than the device does. */
      asking: fc.constantFrom(1, 2, 3, 3, 3, 5, 7, 7),
      odd: fc.constantFrom(0, 0, 0, 1, 2, 4),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let at = 1_700_000_000_000
    let isUp = true
    return steps.flatMap(({ gap, turn, asking, odd }): SiteProbe[] => {
      at += gap * SECOND
      if (turn === 0) isUp = !isUp
      return ['a', 'b', 'c'].flatMap((site, bit) =>
        (asking & (1 << bit)) === 0
          ? []
          : [{ at, site, up: (odd & (1 << bit)) === 0 ? isUp : !isUp }],
      )
    })
  })
const confirms = fc.integer({ min: 1, max: 5 })
const sited = (probe: SiteProbe): SiteSample => ({ ...probe, vantage: probe.site })
const newestOf = (all: readonly SiteProbe[]): number => Math.max(0, ...all.map(({ at }) => at))

describe('whatever the sites saw,', () => {
  test('the state and its since are those of the whole story (B1)', () => {
    fc.assert(
      fc.property(probes, confirms, (all, confirm) => {
        const by = { ...jury, confirm }
        for (let count = 0; count <= all.length; count++) {
          const seen = all.slice(0, count)
          const { machine } = after(inOrder(seen.map(sited)), by)
          expect(machine.state).toEqual(trueJointState(seen, confirm, FRESH_MS))
        }
      }),
      { numRuns: 200 },
    )
  })

  test('one site alone is judged as ever', () => {
    fc.assert(
      fc.property(probes, confirms, (all, confirm) => {
        const own = all.filter(({ site }) => site === 'a')
        expect(after(own.map(sited), { ...jury, confirm }).machine.state).toEqual(
          trueState(own, confirm),
        )
      }),
    )
  })

  test('samples in any order within what is read again come to the same', () => {
    const OVERLAP = 20 * SECOND
    const delayed = fc
      .tuple(probes, fc.array(fc.integer({ min: 0, max: OVERLAP - SECOND }), { minLength: 1 }))
      .map(([all, delays]) =>
        all.map((probe, index) => ({
          probe,
          arrivesAt: probe.at + (delays[index % delays.length] ?? 0),
        })),
      )
    fc.assert(
      fc.property(delayed, confirms, (all, confirm) => {
        let track: Track = { settled: NEW, now: NEW }
        let readFrom = 0
        const end = newestOf(all.map(({ probe }) => probe)) + OVERLAP
        const begin = all[0]?.probe.at ?? 0
        for (let now = begin; now <= end; now += 2 * SECOND) {
          const there = all.filter(({ arrivesAt }) => arrivesAt <= now).map(({ probe }) => probe)
          const read = there.filter(({ at }) => at >= readFrom).map(sited)
          const settledUntil = newestOf(there) - OVERLAP
          const reach = { settledUntil, at: newestOf(there) }
          track = advanceTrack(track, read, reach, { ...jury, confirm }).track
          readFrom = settledUntil + 1
        }
        const expected = trueJointState(
          all.map(({ probe }) => probe),
          confirm,
          FRESH_MS,
        )
        expect(track.now.machine.state).toEqual(expected)
      }),
    )
  })
})
