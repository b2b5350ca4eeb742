import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Machine, UNSEEN, observe, resume } from '../../../../alerting/availability/machine.ts'
import { createRandom } from '../../../../lab/random.ts'
import { type Probe, trueState } from './oracle.ts'

const SECOND = 1_000
const CONFIRM = 3

const after = (probes: readonly Probe[], confirm = CONFIRM, from = UNSEEN): Machine =>
  probes.reduce((machine, { up, at }) => observe(machine, up, at, confirm), from)

/** `.` answered, `x` failed, a space for a second without a probe; one character a second. */
const story = (text: string): Probe[] =>
  text
    .split('')
    .flatMap((mark, index) => (mark === ' ' ? [] : [{ at: index * SECOND, up: mark === '.' }]))

describe('a device', () => {
  test.each([
    ['was never probed', '', null],
    ['answered its first probe', '.', { up: true, since: 0 }],
    ['answers', '....', { up: true, since: 0 }],
    ['failed its first probe', 'x', null],
    ['failed its first two', 'xx', null],
    ['is down from the start', 'xxx', { up: false, since: 0 }],
    ['lost one probe (C7)', '..x', { up: true, since: 0 }],
    ['lost two probes', '..xx', { up: true, since: 0 }],
    ['is down since the first of three failed probes', '..xxx', { up: false, since: 2_000 }],
    ['stays down since the same instant', '..xxxxxxx', { up: false, since: 2_000 }],
    ['is back since the first probe that it answered', '..xxxx..', { up: true, since: 6_000 }],
    ['lost one probe and answered: nothing changed', '..x..', { up: true, since: 0 }],
    ['lost every other probe', '.x.x.x.x.x', { up: true, since: 0 }],
    ['went down again', '.xxx.xxx', { up: false, since: 5_000 }],
    ['was up for one probe', 'xxx.', { up: true, since: 3_000 }],
    ['was probed every 10 s', '.         x         x         x', { up: false, since: 10_000 }],
    [
      'lost a probe before a gap and two after it',
      '.x                xx',
      { up: false, since: SECOND },
    ],
  ])('that %s', (_, text, expected) => {
    expect(after(story(text)).state).toEqual(expected)
  })

  test.each([
    [1, '.x', true],
    [1, '.x x', false],
    [2, '.xx', true],
    [2, '.x x', false],
    [4, '.xxx', true],
    [4, '.xxxx', false],
  ])('with confirm %i after %s: up is %s', (confirm, text, up) => {
    expect(after(story(text), confirm).state?.up).toBe(up)
  })

  test('is not down when its failed probes span less than two seconds', () => {
    const failed = [1_000, 1_500, 2_000, 2_999].map((at) => ({ at, up: false }))
    expect(after([{ at: 0, up: true }, ...failed]).state?.up).toBe(true)
    expect(after([{ at: 0, up: true }, ...failed, { at: 3_000, up: false }]).state).toEqual({
      up: false,
      since: 1_000,
    })
  })

  test('is not moved by a sample that is read again, or that is older than the last one', () => {
    const down = after(story('..xxx'))
    expect(observe(down, false, 4_000, CONFIRM)).toBe(down)
    expect(observe(down, true, 3_500, CONFIRM)).toBe(down)
  })
})

const probes = fc
  .array(
    fc.record({
      gapMs: fc.oneof(fc.constantFrom(1_000, 10_000, 30_000), fc.integer({ min: 1, max: 5_000 })),
      // Long runs of either kind, and single ones.
      up: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let at = 1_700_000_000_000
    let isUp = true
    return steps.map(({ gapMs, up }): Probe => {
      at += gapMs
      if (up === 0) isUp = !isUp
      return { at, up: isUp }
    })
  })
const confirms = fc.integer({ min: 1, max: 5 })

describe('whatever the probes were,', () => {
  test('the state and its since are those of the whole story (B1)', () => {
    fc.assert(
      fc.property(probes, confirms, (all, confirm) => {
        for (let count = 0; count <= all.length; count++) {
          const seen = all.slice(0, count)
          expect(after(seen, confirm).state).toEqual(trueState(seen, confirm))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('reading in parts, with overlap and again changes nothing', () => {
    const reads = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 12 })
    fc.assert(
      fc.property(probes, confirms, reads, (all, confirm, ranges) => {
        let machine = UNSEEN
        let reached = 0
        for (const [step, back] of ranges) {
          const start = Math.max(0, reached - back)
          reached = Math.min(all.length, reached + step)
          machine = after(all.slice(start, reached), confirm, machine)
        }
        machine = after(all.slice(Math.max(0, reached - 5)), confirm, machine)
        expect(machine.state).toEqual(trueState(all, confirm))
      }),
      { numRuns: 500 },
    )
  })

  test('a restart that takes up the kept state and reads from the watermark on changes nothing (B2)', () => {
    const restarts = fc.array(fc.record({ step: fc.nat(20), back: fc.nat(30_000) }), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(probes, confirms, restarts, (all, confirm, plan) => {
        let machine = UNSEEN
        let reached = 0
        for (const { step, back } of plan) {
          reached = Math.min(all.length, reached + step)
          machine = after(all.slice(0, reached), confirm, machine)
          const from = watermark(machine) - back
          const kept = machine.state === null ? UNSEEN : resume(machine.state, confirm)
          machine = after(
            all.slice(0, reached).filter(({ at }) => at > from),
            confirm,
            kept,
          )
          expect(machine.state).toEqual(trueState(all.slice(0, reached), confirm))
        }
        expect(after(all, confirm, machine).state).toEqual(trueState(all, confirm))
      }),
      { numRuns: 500 },
    )
  })
})

/** As the watch keeps it: all samples up to here are in the state. */
const watermark = ({ failingSince, state, lastAt }: Machine): number =>
  failingSince !== null && state?.up !== false ? failingSince - 1 : lastAt

describe('random loss', () => {
  const DAY = 86_400

  /** The false outages of one device in one day: a probe every 10 s, and a burst of 3 a second apart after a failure. */
  function falseOutages(seed: string, { count, confirm }: { count: number; confirm: number }) {
    const random = createRandom(seed)
    let machine = after([{ at: 0, up: true }])
    let outages = 0
    let burst: number[] = []
    for (let second = 1; second < DAY; second++) {
      if (second % 10 !== 0 && !burst.includes(second)) continue
      const up = Array.from({ length: count }, () => !random.chance(0.2)).some(Boolean)
      if (up) burst = []
      else if (machine.failingSince === null) {
        const extra = Math.max(3, confirm - 1)
        burst = Array.from({ length: extra }, (_, index) => second + 1 + index)
      }
      const next = observe(machine, up, second * SECOND, confirm)
      if (next.state?.up === false && machine.state?.up === true) outages++
      machine = next
    }
    return outages
  }

  function overDays(days: number, settings: { count: number; confirm: number }): number {
    let total = 0
    for (let day = 0; day < days; day++) total += falseOutages(`day ${day}`, settings)
    return total
  }

  test('of every fifth echo over a day gives no false outage with confirm 5 (C7)', () => {
    expect(overDays(40, { count: 2, confirm: 5 })).toBe(0)
  })

  test('of every fifth echo gives no false outage with three echoes a probe and confirm 4 (C7)', () => {
    expect(overDays(40, { count: 3, confirm: 4 })).toBe(0)
  })

  // What chance alone gives: 0.04 of the probes fail, and two more must follow the first: once in 1.8 days.
  test('of every fifth echo is taken for an outage about every other day with the defaults', () => {
    const outages = overDays(40, { count: 2, confirm: 3 })
    expect(outages / 40).toBeGreaterThan(0.3)
    expect(outages / 40).toBeLessThan(0.9)
  })
})
