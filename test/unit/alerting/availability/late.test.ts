import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { type Probe, trueState } from './oracle.ts'
import { type SiteProbe, trueJointState } from './sites-oracle.ts'
import { SECOND, type Stored, T, standOver } from './stand.ts'

const { current: inventory } = inventoryOf(device('a'), device('b'))
const ids = [...inventory.keys()]
const at = (second: number): number => T + second * SECOND

/** A time in which VictoriaMetrics gets nothing of a collector, and how many seconds' samples it gets in one second after it. */
type Cut = {
  readonly from: number
  readonly to: number
  readonly speed: number
  /** So many seconds' samples are sent again that it may have lost. */
  readonly again?: number
}

/** When a sample of a second is stored: in its turn, or when the spool's turn has come. */
const storedAt = (second: number, { from, to, speed }: Cut): number =>
  second >= from && second < to ? to + 1 + (second - from) / speed : second + 1

const isReplayed = ({ from, to, speed }: Cut): number => to + 1 + (to - from) / speed

type Stand = ReturnType<typeof standOver>

/** What a collector says of its spool until the last sample of it is stored, and once more. */
function sayWaits(stand: Stand, vantage: string, cut: Cut): void {
  const done = Math.ceil(isReplayed(cut))
  for (let second = cut.to; second <= done; second++) {
    const waiting = cut.from - (cut.again ?? 0) + Math.max(0, second - cut.to - 1) * cut.speed
    stand.waits(vantage, second < done ? at(waiting) : 0, at(second))
  }
}

/** What a collector sees of a device: every 10 s, and each second for a while after a first failure. */
function probesOf(isUp: (second: number) => boolean, to: number, offset = 0): Probe[] {
  const probes: Probe[] = []
  let burst = 0
  let isFailing = false
  for (let second = 0; second < to; second++) {
    const isDue = second % 10 === offset
    if (!isDue && burst === 0) continue
    const up = isUp(second)
    burst = up ? 0 : isFailing ? Math.max(0, burst - (isDue ? 0 : 1)) : 3
    isFailing = !up
    probes.push({ at: at(second), up })
  }
  return probes
}

const stored = (id: string, vantage: string, probes: readonly Probe[], cut: Cut): Stored[] =>
  probes.map((probe) => ({
    id,
    vantage,
    ...probe,
    storedAt: at(storedAt((probe.at - T) / SECOND, cut)),
  }))

const isDownIn =
  (...outages: readonly (readonly [number, number])[]) =>
  (second: number): boolean =>
    outages.every(([from, to]) => second < from || second >= to)

/** VictoriaMetrics is away for 5 minutes; what was probed meanwhile is there 15 s after its return. */
const CUT: Cut = { from: 60, to: 360, speed: 20 }

function awayFor(cut: Cut, stories: Readonly<Record<string, (second: number) => boolean>>) {
  const stand = standOver(inventory)
  for (const [id, isUp] of Object.entries(stories))
    stand.store(...stored(id, 'dc', probesOf(isUp, 600), cut))
  sayWaits(stand, 'dc', cut)
  return {
    ...stand,
    /** Reads every 2 s; it can't while VictoriaMetrics is away. */
    async run(from: number, to: number) {
      for (let second = from; second < to; second += 2) {
        if (second >= cut.from && second < cut.to) continue
        await stand.read(at(second))
      }
    },
  }
}

describe('an outage that began while VictoriaMetrics was away', () => {
  test('is known once all samples are there, since its first failed probe (B1, F7)', async () => {
    const all = awayFor(CUT, { a: isDownIn([123, Infinity]), b: isDownIn() })
    await all.run(0, 362)
    expect((await all.read(at(362))).statuses).toEqual({ a: 'unknown', b: 'unknown' })
    await all.run(364, 376)
    expect(all.words().get('a')).toEqual({ up: true, since: at(0) })

    await all.run(376, 384)

    const { statuses, fleet } = await all.read(at(384))
    expect(statuses).toEqual({ a: 'down', b: 'up' })
    expect(fleet.evidence('a')?.state).toEqual({ up: false, since: at(130) })
    const told = all.kept.filter(({ device: id, state }) => id === 'a' && state?.up === false)
    expect(new Set(told.map(({ state }) => state?.since))).toEqual(new Set([at(130)]))
  })

  test('and ended, is known as well: nobody was told that it is down', async () => {
    const all = awayFor(CUT, { a: isDownIn([123, 245]), b: isDownIn() })
    await all.run(0, 400)
    expect(all.words().get('a')).toEqual({ up: true, since: at(250) })
    const states = all.kept.flatMap(({ device: id, state }) => (id === 'a' ? [state] : []))
    expect(states).toContainEqual({ up: false, since: at(130) })
    const flaps = (await all.read(at(400))).fleet.changes('a')
    expect(flaps).toEqual([
      { at: at(130), up: false },
      { at: at(250), up: true },
    ])
  })

  test('is known with the right since after a restart in the middle of it all (B2)', async () => {
    const all = awayFor(CUT, { a: isDownIn([123, Infinity]), b: isDownIn() })
    await all.run(0, 368)
    all.restart()
    await all.run(368, 400)
    expect(all.words()).toEqual(
      new Map([
        ['a', { up: false, since: at(130) }],
        ['b', { up: true, since: at(0) }],
      ]),
    )
  })
})

test('while its samples come in, what alerting knows is of before them, and it says so', async () => {
  const all = awayFor(CUT, { a: isDownIn(), b: isDownIn() })
  await all.run(0, 362)
  expect((await all.read(at(362))).late).toEqual(new Map([['dc', at(60)]]))
  await all.run(364, 390)
  expect((await all.read(at(390))).late).toEqual(new Map())
})

test('what is sent again because VictoriaMetrics restarted makes nothing unknown', async () => {
  const restart: Cut = { from: 120, to: 124, speed: 10, again: 60 }
  const all = awayFor(restart, { a: isDownIn([121, Infinity]), b: isDownIn() })
  await all.run(0, 124)
  for (let second = 124; second < 160; second += 2) {
    const { statuses } = await all.read(at(second))
    expect([second, statuses]).not.toContainEqual(expect.objectContaining({ b: 'unknown' }))
  }
  expect(all.words().get('a')).toEqual({ up: false, since: at(130) })
})

test('an outage of before stays down throughout, since the same instant, and is said once', async () => {
  const all = awayFor(CUT, { a: isDownIn([30, Infinity]), b: isDownIn() })
  await all.run(0, 60)
  const before = all.kept.length
  await all.run(360, 420)
  expect(all.kept.slice(before)).toEqual([])
  expect((await all.read(at(420))).statuses).toEqual({ a: 'down', b: 'up' })
})

test('after a minute an outage is told by what there is, and put right when the rest is there', async () => {
  const slow: Cut = { from: 60, to: 360, speed: 2 }
  const all = awayFor(slow, { a: isDownIn([123, Infinity]), b: isDownIn() })
  await all.run(0, 420)
  expect(all.words().get('a')).toEqual({ up: true, since: at(0) })
  await all.run(420, 426)
  expect(all.words().get('a')?.up).toBe(false)
  await all.run(426, 530)
  expect(all.words()).toEqual(
    new Map([
      ['a', { up: false, since: at(130) }],
      ['b', { up: true, since: at(0) }],
    ]),
  )
})

test('a collector that comes back with an old spool puts right what the one that took over could not know', async () => {
  const stand = standOver(inventory)
  const isUp = isDownIn([103, Infinity])
  // c1 saw the outage begin and ended with it in its spool; c2 asked from 120 on; c1 is back at 300.
  const first = probesOf(isUp, 115)
  const cut: Cut = { from: 100, to: 300, speed: 20 }
  stand.store(...stored('a', 'c1', first, cut))
  const later = probesOf(isUp, 600).filter((probe) => probe.at >= at(120))
  stand.store(...stored('a', 'c2', later, { from: 0, to: 0, speed: 1 }))
  sayWaits(stand, 'c1', cut)
  for (let second = 0; second < 300; second += 2) await stand.read(at(second))
  expect(stand.words().get('a')).toEqual({ up: false, since: at(120) })
  for (let second = 300; second < 330; second += 2) {
    const { statuses } = await stand.read(at(second))
    expect([second, statuses['a']]).toEqual([second, 'down'])
  }
  expect(stand.words().get('a')).toEqual({ up: false, since: at(110) })
})

const cuts = fc
  .record({
    from: fc.integer({ min: 40, max: 160 }),
    lasts: fc.integer({ min: 1, max: 240 }),
    speed: fc.integer({ min: 5, max: 40 }),
    again: fc.constantFrom(0, 30, 60),
  })
  .map(({ from, lasts, ...more }): Cut => ({ from, to: from + lasts, ...more }))
/** When a device changes. */
const turns = fc.uniqueArray(fc.integer({ min: 0, max: 440 }), { maxLength: 8 })
const END = 520
const story =
  (changes: readonly number[]) =>
  (second: number): boolean =>
    changes.filter((change) => change <= second).length % 2 === 0

describe('whatever happened while samples were late,', () => {
  test('no state is told that never was, and in the end all are right (B1, F7)', async () => {
    await fc.assert(
      fc.asyncProperty(
        cuts,
        fc.array(turns, { minLength: 2, maxLength: 2 }),
        fc.integer({ min: 0, max: 260 }),
        fc.boolean(),
        async (cut, changes, restartAt, isVmAway) => {
          const stand = standOver(inventory)
          const truth = new Map<string, Probe[]>()
          for (const [index, id] of ids.entries()) {
            const probes = probesOf(story(changes[index] ?? []), END, 3 * index)
            truth.set(id, probes)
            stand.store(...stored(id, 'dc', probes, cut))
          }
          sayWaits(stand, 'dc', cut)
          for (let second = 0; second <= END; second += 2) {
            if (isVmAway && second >= cut.from && second < cut.to) continue
            if (second === 2 * restartAt) stand.restart()
            await stand.read(at(second))
          }
          for (const [id, probes] of truth) {
            const [since, word] = [trueState(probes, 3), stand.words().get(id) ?? null]
            expect([id, word]).toEqual([id, since])
            const were = new Set(
              probes.map((_, count) => JSON.stringify(trueState(probes.slice(0, count + 1), 3))),
            )
            for (const { device: told, state } of stand.kept)
              if (told === id) expect(were).toContain(JSON.stringify(state))
          }
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)

  test('and by however many sites: in the end the states are those of the whole story', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(cuts, { minLength: 3, maxLength: 3 }),
        fc.array(turns, { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        async (all, changes, areAlike) => {
          const stand = standOver(inventory)
          const truth: SiteProbe[] = []
          for (const [index, site] of ['tbilisi', 'batumi', 'kutaisi'].entries()) {
            stand.site(site, site)
            const cut = all[index] ?? CUT
            const isUp = story(changes[areAlike ? 0 : index] ?? [])
            const probes = probesOf(isUp, END)
            truth.push(...probes.map((probe) => ({ ...probe, site })))
            stand.store(...stored('a', site, probes, cut))
            sayWaits(stand, site, cut)
          }
          for (let second = 0; second <= END; second += 2) await stand.read(at(second))
          expect(stand.words().get('a') ?? null).toEqual(trueJointState(truth, 3, 25 * SECOND))
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)
})

test('with one site nobody asks who probed, and collectors are asked for with one question', async () => {
  const all = awayFor(CUT, { a: isDownIn(), b: isDownIn() })
  await all.run(0, 10)
  all.asked.length = 0
  await all.read(at(10))
  expect(all.asked.filter((one) => one.includes('wardline_collector_info'))).toHaveLength(1)
  expect(all.asked.some((one) => /ping_up.*vantage/.test(one))).toBe(false)
})
