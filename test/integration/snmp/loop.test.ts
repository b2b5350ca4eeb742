import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import type { SnmpMeter } from '../../../collector/meter.ts'
import { runFping } from '../../../collector/ping/fping.ts'
import { runPing } from '../../../collector/ping/loop.ts'
import { createPokes } from '../../../collector/pokes.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { type SnmpDeps, runSnmp } from '../../../collector/snmp/loop.ts'
import { type Clock, systemClock } from '../../../lib/clock.ts'
import type { Device, Inventory, InventorySource } from '../../../lib/inventory.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { waitFor } from '../../wait.ts'
import { ERROR_STATUS, encodeResponse } from '../../../lab/snmp-packet.ts'
import { type Agent, type Behave, honestly, mibOf, refusal, silently, startAgent } from './agent.ts'
import { CREDENTIALS, deviceAt } from './poll-fixture.ts'

type Written = Sample & { readonly writtenAt: number }

// Most of this is waiting for the next turn: what doesn't count sockets waits at one time, each with addresses and a
// loop of its own.

const agentOf = (address: string, behave: Behave = honestly): Promise<Agent> =>
  startAgent({ address, behave, mib: mibOf({ name: address, interfaces: 2 }) })

/** An inventory that a test changes. */
function sourceOf(...devices: Device[]): InventorySource & { set(...devices: Device[]): void } {
  const listeners = new Set<(inventory: Inventory) => void>()
  let current: Inventory = byId(devices)
  return {
    get current() {
      return current
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(...changed) {
      current = byId(changed)
      for (const listener of listeners) listener(current)
    },
  }
}

const byId = (devices: readonly Device[]): Inventory =>
  new Map(devices.map((device) => [device.id, device]))

/** The loop over an inventory, with what it wrote, learned and counted. */
function start(inventory: InventorySource, clock: Clock = systemClock) {
  const written: Written[] = []
  const learned = new Map<string, Readonly<Record<string, string>>>()
  const { meter, totals } = recordingMeter()
  const controller = new AbortController()
  const pokes = createPokes()
  const recoveries = createPokes()
  const deps: SnmpDeps = {
    inventory,
    credentials: CREDENTIALS,
    modules: BUILT_IN_MODULES,
    tag: (_device, labels) => labels,
    pokes,
    recoveries,
    write: (samples) => {
      const writtenAt = Date.now()
      written.push(...samples.map((sample) => ({ ...sample, writtenAt })))
    },
    resolve: (device) => device.address,
    learn: (device, texts) => void learned.set(device.id, texts),
    meter,
    clock,
    log: pino({ level: 'silent' }),
  }
  const running = runSnmp(deps, controller.signal)
  const stop = async (): Promise<void> => {
    controller.abort(new Error('the test ends'))
    await running
  }
  const polls = (id: string): Written[] =>
    written.filter(({ measurement, labels }) => measurement === 'snmp' && labels['device'] === id)
  return {
    written,
    learned,
    totals,
    polls,
    stop,
    poke: pokes.poke,
    recover: recoveries.poke,
    [Symbol.asyncDispose]: stop,
  }
}

function recordingMeter() {
  const totals = {
    missed: 0,
    due: 0,
    made: 0,
    targets: 0,
    worstLag: 0,
    slots: 0,
    rested: 0,
    slowest: [] as string[],
  }
  const meter: SnmpMeter = {
    targets: (count) => (totals.targets = count),
    inFlight() {},
    due() {},
    missed: (count) => (totals.missed += count),
    lag: (seconds) => (totals.worstLag = Math.max(totals.worstLag, seconds)),
    samplesDue: (count) => (totals.due += count),
    samplesMade: (count) => (totals.made += count),
    success: () => totals.slots++,
    rested: (count) => (totals.rested += count),
    dropped() {},
    slowest: (devices) => (totals.slowest = devices.map(({ device }) => device)),
  }
  return { meter, totals }
}

const DAY_MS = 86_400_000
const every = (intervalMs: number, timeoutMs = 900) => ({ intervalMs, timeoutMs })

describe('a fleet of which a third is silent (E1)', () => {
  test('live devices are polled in every turn and in time; silent ones cost one request; sockets are shared', async () => {
    await using opened = new AsyncDisposableStack()
    const agents = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => {
        const behave = i % 3 === 0 ? silently : honestly
        return opened.use(await agentOf(`127.0.${1 + (i >> 6)}.${1 + (i & 63)}`, behave))
      }),
    )
    const devices = agents.map((agent, i) =>
      deviceAt(agent, every(5_000, 4_000), { id: `sw-${i}` }),
    )
    const isLive = (i: number): boolean => i % 3 !== 0
    const before = countSockets()
    await using loop = start(sourceOf(...devices))
    await waitFor(() => devices.every(({ id }) => loop.polls(id).length >= 3), {
      timeoutMs: 40_000,
      what: 'three polls of each device',
    })
    expect(countSockets() - before).toBeLessThanOrEqual(4)
    await loop.stop()

    for (const [i, { id }] of devices.entries()) {
      const polls = loop.polls(id)
      expect(polls.map(({ fields }) => fields['up'])).toEqual(polls.map(() => (isLive(i) ? 1 : 0)))
      // Every turn from its first has its sample, and each carries its slot. (The loop may have begun late on a busy machine.)
      const steps = polls.slice(1).map(({ at }, n) => at - (polls[n]?.at ?? 0))
      expect(steps).toEqual(steps.map(() => 5_000))
      // Two seconds from the slot: its own second, and one for a busy machine.
      if (isLive(i))
        for (const { at, writtenAt } of polls) expect(writtenAt - at).toBeLessThan(2_000)
      else expect(polls.slice(1).map(({ fields }) => fields['pdus'])).toEqual(steps.map(() => 1))
    }
    expect(loop.learned.get('sw-1')).toMatchObject({ sysName: agents[1]?.address })
  })
})

test.concurrent('SNMP that fails says nothing about ping, and the reverse: two separate facts (E5)', async () => {
  await using silent = await agentOf('127.0.9.1', silently)
  await using live = await agentOf('127.0.9.2')
  const devices = [
    deviceAt(silent, every(1_000), { id: 'pings', ping: pingEvery(1_000) }),
    deviceAt(live, every(1_000), { id: 'answers', ping: pingEvery(1_000) }),
  ]
  const inventory = sourceOf(...devices)
  await using loop = start(inventory)
  const pings: Sample[] = []
  await using stack = new AsyncDisposableStack()
  const controller = new AbortController()
  const pinging = runPing(
    {
      inventory,
      vantage: 'test',
      fping: 'fping',
      resolve: (device) => device.address,
      write: (samples) => void pings.push(...samples),
      changed() {},
      due() {},
      pokes: createPokes(),
      meter: recordingMeter().meter,
      clock: systemClock,
      log: pino({ level: 'silent' }),
      // One device's echoes are lost on the way; the other's are the kernel's.
      probe: async (run, signal) => new Map(await runFping(run, signal)).set(live.address, [null]),
    },
    controller.signal,
  )
  stack.defer(async () => {
    controller.abort()
    await pinging
  })
  const last = (samples: readonly Sample[], id: string): number | undefined =>
    samples.filter(({ labels }) => labels['device'] === id).at(-1)?.fields['up']
  await waitFor(() =>
    devices.every(({ id }) => last(pings, id) !== undefined && loop.polls(id).length > 1),
  )
  expect({ ping: last(pings, 'pings'), snmp: last(loop.polls('pings'), 'pings') }).toEqual({
    ping: 1,
    snmp: 0,
  })
  expect({ ping: last(pings, 'answers'), snmp: last(loop.polls('answers'), 'answers') }).toEqual({
    ping: 0,
    snmp: 1,
  })
})

test.concurrent('a secret that is wrong or not there is an error of those devices alone (E3)', async () => {
  await using first = await agentOf('127.0.9.20')
  await using second = await agentOf('127.0.9.21')
  await using loop = start(
    sourceOf(
      deviceAt(first, every(1_000), { id: 'right' }),
      deviceAt(second, { ...every(1_000, 500), credentials: ['other'] }, { id: 'wrong' }),
      deviceAt(second, { ...every(1_000, 500), credentials: ['gone'] }, { id: 'none' }),
    ),
  )
  const ids = ['right', 'wrong', 'none']
  await waitFor(() => ids.every((id) => loop.polls(id).length >= 2))
  expect(ids.map((id) => loop.polls(id).at(-1)?.fields['up'])).toEqual([1, 0, 0])
})

test.concurrent('a device that is still being polled at its next turn is not started twice: the turn is missed', async () => {
  await using agent = await agentOf('127.0.9.3', silently)
  await using loop = start(sourceOf(deviceAt(agent, every(1_000, 2_500))))
  await waitFor(() => loop.polls('sw-1').length >= 1)
  expect(loop.totals.missed).toBeGreaterThanOrEqual(2)
  expect(agent.requests.length).toBeLessThanOrEqual(3)
})

test.concurrent('a device that answers again is polled whole at its next turn', async () => {
  await using agent = await agentOf('127.0.9.4', silently)
  await using loop = start(sourceOf(deviceAt(agent, every(1_000, 600))))
  await waitFor(() => loop.polls('sw-1').length >= 2)
  agent.become(honestly)
  await waitFor(() => loop.polls('sw-1').at(-1)?.fields['up'] === 1)
  expect(loop.written.some(({ fields }) => 'ifHCInOctets' in fields)).toBe(true)
})

test.concurrent('a device that stays silent is tried on a thinner grid and says so, until something happens to it (E1)', async () => {
  await using agent = await agentOf('127.0.9.12', silently)
  await using loop = start(sourceOf(deviceAt(agent, every(1_000, 300))))
  const steps = (): number[] => {
    const stamps = loop.polls('sw-1').map(({ at }) => at)
    return stamps.slice(1).map((at, i) => at - (stamps[i] ?? 0))
  }
  await waitFor(() => loop.polls('sw-1').length >= 5, { timeoutMs: 20_000 })
  expect(steps().slice(0, 4)).toEqual([1_000, 1_000, 2_000, 4_000])
  const said = (field: string) => loop.polls('sw-1').map(({ fields }) => fields[field])
  expect(said('failures').slice(0, 5)).toEqual([1, 2, 3, 4, 5])
  expect(said('interval_seconds').slice(0, 5)).toEqual([1, 1, 2, 4, 8])
  expect(loop.totals.rested).toBeGreaterThanOrEqual(4)
  expect(loop.totals.missed).toBe(0)

  agent.become(honestly)
  const pokedAt = Date.now()
  loop.poke('sw-1')
  await waitFor(() => loop.polls('sw-1').at(-1)?.fields['up'] === 1)
  expect(Date.now() - pokedAt).toBeLessThan(3_000)
  expect(loop.polls('sw-1').at(-1)?.fields).toMatchObject({ failures: 0, interval_seconds: 1 })
})

test.concurrent('a device that answers is polled in every turn, however often a module of it fails', async () => {
  await using agent = await agentOf('127.0.9.16', (request, outcome, number) =>
    request.operation === 'get'
      ? honestly(request, outcome, number)
      : [{ packet: encodeResponse(request, refusal(request, ERROR_STATUS.genErr, 1)) }],
  )
  await using loop = start(sourceOf(deviceAt(agent, every(1_000, 600))))
  await waitFor(() => loop.polls('sw-1').length >= 6)
  const last = loop.polls('sw-1').at(-1)?.fields
  expect(last).toMatchObject({ up: 0, interval_seconds: 1 })
  expect(last?.['failures']).toBeGreaterThanOrEqual(6)
  expect(loop.totals).toMatchObject({ rested: 0, missed: 0 })
})

describe.concurrent('something that happens', () => {
  test('to a device that is being polled has it polled again after that: it may have been asked too early', async () => {
    await using agent = await agentOf('127.0.9.13', silently)
    await using loop = start(sourceOf(deviceAt(agent, every(DAY_MS, 6_000))))
    await waitFor(() => loop.totals.slots > 0)
    loop.poke('sw-1')
    await waitFor(() => agent.requests.length > 0)
    agent.become(honestly)
    loop.poke('sw-1')
    // The request that is repeated 2 s later is answered.
    await waitFor(() => loop.polls('sw-1').length >= 2, { timeoutMs: 8_000 })
    expect(loop.polls('sw-1').at(-1)?.fields['up']).toBe(1)
  })

  test('to a device, so that it answers pings: it is polled at once where its last poll failed, others in their turn', async () => {
    await using well = await agentOf('127.0.9.14')
    await using ill = await agentOf('127.0.9.15', silently)
    await using loop = start(
      sourceOf(
        deviceAt(well, every(DAY_MS, 300), { id: 'well' }),
        deviceAt(ill, every(DAY_MS, 300), { id: 'ill' }),
      ),
    )
    await waitFor(() => loop.totals.slots > 0)
    for (const id of ['well', 'ill']) loop.recover(id)
    await waitFor(() => loop.totals.slots > 3)
    expect(loop.written).toEqual([])

    for (const id of ['well', 'ill']) loop.poke(id)
    await waitFor(() => ['well', 'ill'].every((id) => loop.polls(id).length === 1))
    ill.become(honestly)
    for (const id of ['well', 'ill']) loop.recover(id)
    await waitFor(() => loop.polls('ill').length === 2)
    const { slots } = loop.totals
    await waitFor(() => loop.totals.slots >= slots + 2)
    expect(loop.polls('ill').at(-1)?.fields['up']).toBe(1)
    expect(loop.polls('well')).toHaveLength(1)
  })
})

describe.concurrent('an inventory that changes', () => {
  test('a new device is polled, one that left is not, and the others keep what was learned', async () => {
    await using stays = await agentOf('127.0.9.5')
    await using leaves = await agentOf('127.0.9.6')
    await using comes = await agentOf('127.0.9.7')
    const device = (agent: Agent, id: string): Device => deviceAt(agent, every(1_000), { id })
    const inventory = sourceOf(device(stays, 'stays'), device(leaves, 'leaves'))
    await using loop = start(inventory)
    await waitFor(() => loop.polls('stays').length >= 1 && loop.polls('leaves').length >= 1)

    inventory.set(device(stays, 'stays'), device(comes, 'comes'))
    const left = leaves.requests.length
    const polled = loop.polls('stays').length
    await waitFor(() => loop.polls('comes').length >= 2 && loop.polls('stays').length >= polled + 2)
    expect(leaves.requests.length).toBe(left)
    expect(loop.totals.targets).toBe(2)
    const names = stays.requests.filter(({ request }) =>
      request.oids.includes('1.3.6.1.2.1.31.1.1.1.1'),
    )
    expect(names).toHaveLength(1)
  })
})

test.concurrent('shut down in the middle of a poll ends at once and writes nothing of it', async () => {
  await using agent = await agentOf('127.0.9.8', silently)
  await using loop = start(sourceOf(deviceAt(agent, every(1_000, 60_000))))
  await waitFor(() => agent.requests.length > 0)
  const stoppedAt = performance.now()
  await loop.stop()
  expect(performance.now() - stoppedAt).toBeLessThan(1_000)
  expect(loop.written).toEqual([])
})

describe.concurrent('a clock', () => {
  /** The machine's, put forward or back. */
  function shiftable(): Clock & { shiftMs: number } {
    const clock = {
      shiftMs: 0,
      now: () => Date.now() + clock.shiftMs,
      sleepUntil: (at: number, signal: AbortSignal) =>
        systemClock.sleepUntil(at - clock.shiftMs, signal),
    }
    return clock
  }

  test('that jumps over slots: they are counted as missed, and none is made up for', async () => {
    await using agent = await agentOf('127.0.9.9')
    const clock = shiftable()
    await using loop = start(sourceOf(deviceAt(agent, every(1_000))), clock)
    await waitFor(() => loop.polls('sw-1').length >= 1)
    clock.shiftMs = 5_000
    await waitFor(() => loop.polls('sw-1').length >= 3)
    expect(loop.totals.missed).toBeGreaterThanOrEqual(4)
    expect(loop.totals.missed).toBeLessThanOrEqual(6)
    expect(new Set(loop.polls('sw-1').map(({ at }) => at)).size).toBe(loop.polls('sw-1').length)
  })

  test('that jumps by an hour, as after a stop: the hour is missed, and none of it is made up for (G1)', async () => {
    await using agent = await agentOf('127.0.9.22')
    const clock = shiftable()
    await using loop = start(sourceOf(deviceAt(agent, every(1_000))), clock)
    await waitFor(() => loop.polls('sw-1').length >= 1)
    clock.shiftMs = 3_600_000
    const before = loop.polls('sw-1').length
    await waitFor(() => loop.polls('sw-1').length >= before + 2)
    expect(loop.totals.missed).toBeGreaterThanOrEqual(3_598)
    expect(loop.totals.missed).toBeLessThanOrEqual(3_605)
  })

  test('that is set back an hour: polls go on in the time it says now', async () => {
    await using agent = await agentOf('127.0.9.10')
    const clock = shiftable()
    await using loop = start(sourceOf(deviceAt(agent, every(1_000))), clock)
    await waitFor(() => loop.polls('sw-1').length >= 1)
    clock.shiftMs = -3_600_000
    await waitFor(() => (loop.polls('sw-1').at(-1)?.at ?? Infinity) < Date.now() - 3_000_000)
    expect(loop.totals.missed).toBe(0)
  })

  test('that is set back an hour in the middle of a slot: polls go on in the time it says now', async () => {
    await using agent = await agentOf('127.0.9.11', silently)
    const devices = Array.from({ length: 90 }, (_each, n) =>
      deviceAt(agent, every(1_000, 300), { id: `sw-${n}` }),
    )
    const clock = shiftable()
    const steppingClock: Clock = {
      now: clock.now,
      async sleepUntil(at, signal) {
        await clock.sleepUntil(at, signal)
        if (at % 1000 >= 400) clock.shiftMs = -3_600_000
      },
    }
    await using loop = start(sourceOf(...devices), steppingClock)
    await waitFor(() => devices.every(({ id }) => isLongAgo(loop.polls(id).at(-1)?.at)), {
      what: 'polls of every device in the new time',
    })
  })
})

const isLongAgo = (at = Infinity): boolean => at < Date.now() - 3_000_000

const pingEvery = (intervalMs: number): Device['ping'] => ({
  intervalMs,
  count: 1,
  timeoutMs: 500,
  confirm: 3,
})

/** UDP sockets of this network namespace. */
function countSockets(): number {
  return ['/proc/self/net/udp', '/proc/self/net/udp6']
    .map((file) => readFileSync(file, 'utf8').trim().split('\n').length - 1)
    .reduce((sum, count) => sum + count)
}
