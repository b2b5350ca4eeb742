import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createTrack,
  evidenceOf,
  firstKnownAfter,
  readAhead,
  usualSamples,
  vantagesOf,
} from '../../../../alerting/backtest/device-track.ts'
import { type Joint, agreed, observeJoint } from '../../../../alerting/availability/joint.ts'
import { UNSEEN, observe } from '../../../../alerting/availability/machine.ts'
import { device } from '../../../fakes/inventory.ts'

const SECOND = 1_000
const router = device('router')
const atOnce = (): number => 0

const samplesOf = (course: string, from = 0) =>
  course
    .split('')
    .flatMap((mark, index) =>
      mark === '.' ? [] : { at: from + index * 10 * SECOND, up: mark === '1' },
    )

describe('the samples of a device', () => {
  test('give an event where its state changes, or a failure begins or ends', () => {
    const track = createTrack(router, UNSEEN)
    const { events } = readAhead(track, samplesOf('110100011'), 90 * SECOND, { latency: atOnce })
    expect(events.map(({ kind, knownAt }) => `${kind} ${knownAt / SECOND}`)).toEqual([
      'transition 0',
      'suspect 20',
      'suspect 30',
      'suspect 40',
      'transition 60',
      'transition 70',
    ])
  })

  test('show only that it was probed, where its collector was blind (C13)', () => {
    const track = createTrack(router, UNSEEN)
    const samples = samplesOf('1100001').map((sample) => ({ ...sample, vantage: 'dc' }))
    const isVoid = ({ at, up }: { at: number; up: boolean }): boolean => !up && at < 60 * SECOND
    const { events, looks } = readAhead(track, samples, 70 * SECOND, { latency: atOnce, isVoid })
    expect(events.map(({ kind }) => kind)).toEqual(['transition'])
    expect(looks).toEqual([0])
    expect(track.vantage).toBe('dc')
  })

  test('say when it is silent for too long, and when it is heard again', () => {
    const track = createTrack(router, UNSEEN)
    const { looks } = readAhead(track, samplesOf('11...11'), 70 * SECOND, { latency: atOnce })
    expect(looks).toEqual([0, 35 * SECOND + 1, 50 * SECOND])
  })

  test('say so at once when nothing more comes', () => {
    const track = createTrack(router, UNSEEN)
    readAhead(track, samplesOf('11'), 20 * SECOND, { latency: atOnce })
    expect(readAhead(track, [], 30 * SECOND, { latency: atOnce }).looks).toEqual([])
    expect(readAhead(track, [], 40 * SECOND, { latency: atOnce }).looks).toEqual([35 * SECOND + 1])
    expect(readAhead(track, [], 50 * SECOND, { latency: atOnce }).looks).toEqual([])
  })

  test('are known as late as a probe takes, and never before those before them', () => {
    const track = createTrack(router, UNSEEN)
    const latency = (_: unknown, up: boolean): number => (up ? 0 : 15 * SECOND)
    readAhead(track, samplesOf('1011'), 40 * SECOND, { latency })
    const known = [0, 9, 10, 24, 25, 30].map((at) => evidenceOf(track, at * SECOND).lastSampleAt)
    expect(known).toEqual([0, 0, 0, 0, 20 * SECOND, 30 * SECOND])
    expect(firstKnownAfter(track, 5 * SECOND)).toBe(25 * SECOND)
    expect(firstKnownAfter(track, 30 * SECOND)).toBe(null)
  })

  test('amount to what the machine makes of them, however they are cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('1', '0', '.'), { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 10 }),
        (marks, cuts) => {
          const samples = samplesOf(marks.join(''))
          const whole = samples.reduce(
            (machine, { at, up }) => observe(machine, up, at, router.ping.confirm),
            UNSEEN,
          )
          const track = createTrack(router, UNSEEN)
          let from = 0
          for (const cut of [...cuts, marks.length]) {
            const to = from + cut * 10 * SECOND
            const own = samples.filter(({ at }) => at >= from && at < to)
            readAhead(track, own, to, { latency: atOnce })
            from = to
          }
          const { state, confirmedAt } = track.ahead.machine
          expect({ state, confirmedAt }).toEqual({
            state: whole.state,
            confirmedAt: whole.confirmedAt,
          })
        },
      ),
    )
  })

  test('need not be read where it does what it did: they are at its slots', () => {
    const track = createTrack(router, UNSEEN)
    readAhead(track, samplesOf('111'), 30 * SECOND, { latency: atOnce })
    expect(usualSamples(track, 60 * SECOND)).toEqual([
      { at: 30 * SECOND, up: true },
      { at: 40 * SECOND, up: true },
      { at: 50 * SECOND, up: true },
    ])
  })
})

describe('the samples of several sites', () => {
  const isBlind = (): boolean => false
  const reading = {
    latency: atOnce,
    together: { isBlind, siteOf: (vantage: string | undefined) => vantage ?? '' },
  }
  const of = (vantage: string, course: string) =>
    samplesOf(course).map((sample) => ({ ...sample, vantage }))
  const merged = (...all: ReturnType<typeof of>[]) =>
    all.flat().sort((one, other) => one.at - other.at || Number(other.up) - Number(one.up))

  test('are an outage only where every site that looks has a part in it', () => {
    const track = createTrack(router, UNSEEN)
    const samples = merged(of('batumi', '1000000'), of('tbilisi', '1111000'))
    const { events } = readAhead(track, samples, 70 * SECOND, reading)
    expect(events.map(({ kind, knownAt }) => `${kind} ${knownAt / SECOND}`)).toEqual([
      'transition 0',
      'suspect 40',
      'transition 60',
    ])
    expect(track.ahead.machine.state).toEqual({ up: false, since: 40 * SECOND })
  })

  test('are one too late to be waited for where a site has fallen silent', () => {
    const track = createTrack(router, UNSEEN)
    const samples = merged(of('batumi', '1......'), of('tbilisi', '1000'))
    const { events } = readAhead(track, samples, 40 * SECOND, reading)
    expect(events.at(-1)).toMatchObject({
      kind: 'transition',
      knownAt: 30 * SECOND,
      machine: { state: { up: false, since: 10 * SECOND } },
    })
    expect(vantagesOf(track)).toEqual(['tbilisi'])
  })

  test('come from each of them where the device does what it did', () => {
    const track = createTrack(router, UNSEEN)
    readAhead(track, merged(of('batumi', '11'), of('tbilisi', '11')), 20 * SECOND, reading)
    expect(usualSamples(track, 30 * SECOND)).toEqual([
      { at: 20 * SECOND, up: true, vantage: 'batumi' },
      { at: 20 * SECOND, up: true, vantage: 'tbilisi' },
    ])
  })

  test('amount to what alerting makes of them, however they are cut into pieces', () => {
    const course = fc.array(fc.constantFrom('1', '0', '0', '.'), { maxLength: 40 })
    const freshMs = 2.5 * router.ping.intervalMs
    const jury = { confirm: router.ping.confirm, freshMs, isBlind }
    fc.assert(
      fc.property(course, course, fc.integer({ min: 1, max: 9 }), (one, other, step) => {
        const samples = merged(of('batumi', one.join('')), of('tbilisi', other.join('')))
        const endAt = 400 * SECOND
        let joint: Joint = { machine: UNSEEN, heard: new Map() }
        for (let at = 0; at < endAt; at += SECOND) {
          for (const { vantage: site, ...sample } of samples)
            if (sample.at === at)
              joint = observeJoint(joint, { ...sample, site, vantage: site }, jury)
          for (const now of [at, at + 1]) joint = agreed(joint, now, jury)
        }
        const track = createTrack(router, UNSEEN)
        for (let from = 0; from < endAt; from += step * 10 * SECOND) {
          const to = Math.min(endAt, from + step * 10 * SECOND)
          const own = samples.filter(({ at }) => at >= from && at < to)
          readAhead(track, own, to, reading)
        }
        expect(track.ahead.machine).toEqual(joint.machine)
      }),
    )
  })
})
