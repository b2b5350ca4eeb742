import { describe, expect, test } from 'vitest'
import { createBlindness } from '../../../../collector/blindness/watch.ts'
import { FpingError } from '../../../../collector/ping/fping.ts'
import type { Sample } from '../../../../lib/line-protocol.ts'
import { manualClock, settle } from '../../../fakes/clock.ts'
import { recordLog } from '../../../fakes/log.ts'
import { scriptedProbe } from '../../../fakes/probe.ts'

const NOON = Date.UTC(2026, 10, 22, 12)
const SECOND = 1_000
const GATEWAY = '192.0.2.1'
const OTHERS = '198.18.0.1'
const OWN = '192.0.2.7'
const DEVICES = ['a', 'b', 'c']

/** A collector with one canary over a manual clock. Instants are seconds after noon. */
async function start({
  canaries = [GATEWAY],
  left = null,
  hasNetwork = () => true,
  isBroken = () => false,
}: {
  canaries?: readonly string[]
  left?: number | null
  hasNetwork?: (second: number) => boolean
  isBroken?: (second: number) => boolean
} = {}) {
  const clock = manualClock(NOON)
  const written: Sample[] = []
  const changes: boolean[] = []
  const turns: number[] = []
  const log = recordLog()
  const stop = new AbortController()
  const second = (at: number): number => (at - NOON) / SECOND
  const probe = scriptedProbe(clock, (_, at) => hasNetwork(second(at)))
  const blindness = createBlindness({
    vantage: 'dc',
    fping: 'fping',
    canaries: async () => canaries,
    own: () => [OWN],
    left: async () => (left === null ? null : NOON + left * SECOND),
    write: (samples) => void written.push(...samples),
    changed: (isBlind) => void changes.push(isBlind),
    success: (at) => void turns.push(at),
    clock,
    log: log.log,
    probe: async (run, signal) => {
      if (isBroken(second(clock.now()))) throw new FpingError('no fping', 'missing')
      return probe(run, signal)
    },
  })
  const running = blindness.run(stop.signal)
  await settle()
  return {
    clock,
    blindness,
    changes,
    turns,
    log,
    probe,
    /** `[second, since second or null]` of each mark. */
    marks: () =>
      written.map(({ at, fields }) => {
        const since = fields['wardline_vantage_blind_since_seconds']
        return [second(at), since === undefined ? null : since - NOON / SECOND]
      }),
    /** Outcomes of a slot, which come in when it is over: a probe without an answer takes 1.1 s. */
    async slot(at: number, up: boolean): Promise<void> {
      await clock.advance(NOON + at * SECOND + (up ? 5 : 1_100) - clock.now())
      blindness.probed(
        NOON + at * SECOND,
        DEVICES.map((id) => ({ id, address: OTHERS, up })),
      )
      await settle()
    },
    until: (at: number) => clock.advance(NOON + at * SECOND - clock.now()),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}

describe('in peace', () => {
  test('canaries are asked every 5 s, and it says every 15 s that it sees', async () => {
    await using collector = await start()
    await collector.until(31)
    expect(collector.probe.runs.map(({ at, count }) => [(at - NOON) / SECOND, count])).toEqual(
      [0, 5, 10, 15, 20, 25, 30].map((at) => [at, 1]),
    )
    expect(collector.marks()).toEqual([
      [0, null],
      [15, null],
      [30, null],
    ])
    // Whether it turns is watched from outside.
    expect(collector.turns.map((at) => (at - NOON) / SECOND).slice(-3)).toEqual([29, 30, 31])
  })

  test('without canaries it asks nobody and is never blind', async () => {
    await using collector = await start({ canaries: [] })
    await collector.slot(3, true)
    await collector.slot(4, false)
    await collector.until(20)
    expect(collector.probe.runs).toEqual([])
    expect(collector.blindness.isBlind()).toBe(false)
  })
})

describe('when the network is lost', () => {
  const lost = (from: number, to: number) => (second: number) => second < from || second >= to

  test('the canaries are asked at once, and it is told before a third probe can fail (C13)', async () => {
    await using collector = await start({ hasNetwork: lost(6.5, 20) })
    await collector.slot(6, true)
    await collector.slot(7, false)
    const asked = collector.probe.runs.at(-1)
    expect([asked?.at, asked?.count]).toEqual([NOON + 8_100, 2])
    await collector.until(8.9)
    expect(collector.blindness.isBlind()).toBe(true)
    expect(collector.marks().slice(1)).toEqual([
      [7, 7],
      [8, 7],
    ])
    expect(collector.changes).toEqual([true])
  })

  test.each([OWN, '127.0.0.1'])(
    'a device at %s is this machine: it says nothing',
    async (address) => {
      await using collector = await start({ hasNetwork: lost(6.5, Infinity) })
      await collector.slot(6, true)
      collector.blindness.probed(NOON + 6 * SECOND, [{ id: 'self', address, up: true }])
      await collector.slot(7, false)
      await collector.until(12)
      collector.blindness.probed(NOON + 12 * SECOND, [{ id: 'self', address, up: true }])
      await collector.until(14)
      expect(collector.changes).toEqual([true])
    },
  )

  test('a canary that stays away while devices answer makes it blind once, and no second time', async () => {
    await using collector = await start({ hasNetwork: lost(6.5, Infinity) })
    await collector.slot(6, true)
    await collector.slot(7, false)
    await collector.slot(12, true)
    for (const [slot, up] of [
      [14, false],
      [20, true],
      [24, false],
    ] as const)
      await collector.slot(slot, up)
    await collector.until(30)
    expect(collector.changes).toEqual([true, false])
  })

  test('a canary that comes back right after the devices did counts at once', async () => {
    await using collector = await start({ hasNetwork: (s) => s < 6.5 || (s >= 12.5 && s < 13.5) })
    await collector.slot(6, true)
    await collector.slot(7, false)
    await collector.slot(12, true)
    await collector.slot(14, false)
    await collector.until(16)
    expect(collector.changes).toEqual([true, false, true])
  })

  test('it says so each second, and that it sees as of the slot in which a canary answers', async () => {
    await using collector = await start({ hasNetwork: lost(6.5, 12) })
    await collector.slot(6, true)
    await collector.slot(7, false)
    await collector.until(12.5)
    expect(collector.marks().slice(1)).toEqual([
      ...[7, 8, 9, 10, 11].map((at) => [at, 7]),
      [12, null],
    ])
    expect(collector.changes).toEqual([true, false])
    expect(collector.log.lines.map(({ level }) => level)).toEqual([30, 50, 40])
  })

  test('probes that are answered end it, after what it has said already', async () => {
    await using collector = await start({ hasNetwork: lost(6.5, Infinity) })
    await collector.slot(6, true)
    await collector.slot(7, false)
    await collector.until(12.8)
    collector.blindness.probed(NOON + 12 * SECOND, [{ id: 'a', address: OTHERS, up: true }])
    expect(collector.blindness.isBlind()).toBe(false)
    expect(collector.marks().at(-1)).toEqual([12.001, null])
  })

  test('a question that was under way since before says nothing: another one is asked', async () => {
    await using collector = await start({ hasNetwork: lost(9.95, Infinity) })
    await collector.slot(8, true)
    // Asked at 10 s by the clock, without an answer at 10.6 s; slot 10 is known at 11.1 s.
    await collector.slot(10, false)
    await collector.until(11.9)
    expect(collector.blindness.isBlind()).toBe(true)
  })

  test('while fping fails nobody knows: it is asked again', async () => {
    await using collector = await start({
      hasNetwork: lost(6.5, Infinity),
      isBroken: (second) => second > 6 && second < 9,
    })
    await collector.slot(6, true)
    await collector.slot(7, false)
    await collector.until(8.95)
    expect(collector.blindness.isBlind()).toBe(false)
    await collector.until(12)
    expect(collector.blindness.isBlind()).toBe(true)
    expect(collector.marks().at(-1)?.[1]).toBe(7)
    expect(collector.log.lines.filter(({ msg }) => /not asked/.test(msg))).toHaveLength(1)
  })
})

describe('a collector that was blind when it ended', () => {
  test('is so when it begins again, since the same instant', async () => {
    await using collector = await start({ left: -90, hasNetwork: (second) => second >= 3 })
    await collector.slot(1, false)
    expect(collector.blindness.isBlind()).toBe(true)
    await collector.until(3.5)
    expect(collector.marks()).toEqual([
      [0, -90],
      [1, -90],
      [2, -90],
      [3, null],
    ])
  })

  test('sees when it has no canaries any more: nothing could end it', async () => {
    await using collector = await start({ left: -90, canaries: [] })
    expect(collector.blindness.isBlind()).toBe(false)
    expect(collector.marks()).toEqual([[0, null]])
  })
})
