import { describe, expect, test } from 'vitest'
import { FAULT_KINDS, STORES, describeFault } from '../../../chaos/fault.ts'
import { type History, longestFree } from '../../../chaos/judge/history.ts'
import { impaired } from '../../../chaos/judge/windows.ts'
import { type Script, writeScript } from '../../../chaos/script.ts'
import { createFleet } from '../../../lab/fleet.ts'
import { type Outage, outagesOf } from '../../../lab/truth.ts'

const { devices } = createFleet({ devices: 300 })
const cluster = { collectors: 2, alertings: 2 }
const INTERVAL_MS = 5_000
const write = (seed: string, minutes = 20) =>
  writeScript({ ...cluster, seed, lengthMs: minutes * 60_000, devices })

test('a seed gives the same script again, and another seed another one', () => {
  expect(write('one')).toEqual(write('one'))
  expect(write('one').faults).not.toEqual(write('two').faults)
  expect(write('one').network).not.toEqual(write('two').network)
})

test('more devices or minutes change the seed’s faults at no earlier instant', () => {
  const short = write('one', 5).faults
  expect(write('one', 20).faults.slice(0, short.length - 1)).toEqual(short.slice(0, -1))
})

describe.each(['a', 'b', 'c', 'd', 'e'])('the script of seed %s', (seed) => {
  const script = write(seed)

  test('has every kind of fault in 20 minutes, and hits every component', () => {
    expect(new Set(script.faults.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS))
    const killed = script.faults.filter(({ kind }) => kind === 'kill').map(({ target }) => target)
    expect(new Set(killed)).toEqual(
      new Set([
        'collector-1',
        'collector-2',
        'alerting-1',
        'alerting-2',
        'api',
        'victoria-metrics',
        'redis',
      ]),
    )
  })

  test('never has two faults at a time on one target, and all end before the script does', () => {
    for (const [place, fault] of script.faults.entries()) {
      expect(fault.atMs + fault.lastsMs, describeFault(fault)).toBeLessThan(script.lengthMs)
      const next = script.faults.slice(place + 1).find(({ target }) => target === fault.target)
      expect(next?.atMs ?? Infinity, describeFault(fault)).toBeGreaterThan(
        fault.atMs + fault.lastsMs,
      )
    }
  })

  // What is never judged is never found wrong.
  test('has outages that have to be told whatever was done, for they last into a rest', () => {
    const deaf = impaired(historyOf(script))
    const certain = outagesIn(script).filter(
      ({ down, up }) => longestFree(deaf, down.at + INTERVAL_MS, up?.at ?? 0) >= 20_000,
    )
    expect(certain.length).toBeGreaterThan(10)
  })

  test('takes the network away when nothing else is done, so that blindness has to be told', () => {
    const all = historyOf(script).faults
    const blind = all.filter(({ fault }) => fault.kind === 'blind')
    expect(blind.length).toBeGreaterThan(0)
    for (const { from, to } of blind) {
      expect(to - from).toBeGreaterThanOrEqual(10_000)
      const near = all.filter((other) => other.from <= to + 15_000 && other.to >= from - 30_000)
      expect(near.map(({ fault }) => fault.kind)).toEqual(['blind'])
    }
  })

  test('has faults that overlap', () => {
    const overlapping = script.faults.filter(
      ({ atMs }, place) =>
        place > 0 && script.faults.slice(0, place).some((one) => one.atMs + one.lastsMs > atMs),
    )
    expect(overlapping.length).toBeGreaterThan(3)
  })

  test('takes each device down and up in turns, in the order of time, and leaves none down', () => {
    const instants = script.network.map(({ atMs }) => atMs)
    expect(instants).toEqual(instants.toSorted((a, b) => a - b))
    const down = new Set<string>()
    for (const { action, devices: ids } of script.network)
      for (const id of ids) {
        if (action === 'down') expect(down.has(id), id).toBe(false)
        if (action === 'down') down.add(id)
        if (action === 'up') expect(down.delete(id), id).toBe(true)
      }
    expect([...down]).toEqual([])
  })

  test('has outages of single devices and of branches, long enough to be confirmed', () => {
    const outages = outagesIn(script)
    expect(outages.length).toBeGreaterThan(100)
    for (const { down, up } of outages)
      expect((up?.at ?? 0) - down.at).toBeGreaterThanOrEqual(20_000)
    expect(script.network.some(({ cause }) => cause === 'branch outage')).toBe(true)
  })
})

test('the script of npm test has every kind of fault, and ends with a rest, into which outages last', () => {
  const { devices: few } = createFleet({ devices: 200, seed: 'npm-test-1242' })
  const short = writeScript({
    ...cluster,
    seed: 'npm-test-1242',
    lengthMs: 135_000,
    devices: few,
  })
  expect(new Set(short.faults.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS))
  const drops = short.faults.filter(({ kind }) => kind === 'drop')
  expect(new Set(drops.map(({ forgets }) => forgets))).toEqual(new Set([true, false]))
  const deaf = impaired(historyOf(short))
  const certain = outagesIn(short).filter(
    ({ down, up }) => longestFree(deaf, down.at + INTERVAL_MS, up?.at ?? 0) >= 20_000,
  )
  expect(certain.length).toBeGreaterThan(5)
})

describe('the script of `wardline up`', () => {
  const script = writeScript({
    collectors: 1,
    alertings: 1,
    together: true,
    seed: 'one',
    lengthMs: 20 * 60_000,
    devices,
  })

  test('kills the process, its stores, and all of them at once', () => {
    const killed = script.faults.filter(({ kind }) => kind === 'kill').map(({ target }) => target)
    expect(new Set(killed)).toEqual(new Set(['wardline', 'victoria-metrics', 'redis', 'all']))
  })

  test('has no fault of a store while the process that keeps it is gone', () => {
    const gone = script.faults.filter(({ target }) => ['wardline', 'all'].includes(target))
    for (const { atMs, lastsMs } of gone) {
      const others = script.faults.filter(
        (one) =>
          (STORES as readonly string[]).includes(one.target) &&
          one.atMs < atMs + lastsMs &&
          one.atMs + one.lastsMs > atMs,
      )
      expect(others.map(describeFault)).toEqual([])
    }
  })
})

test('no collector is killed while the network is gone: it could not know that one was there', () => {
  for (const seed of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
    const { faults } = write(seed, 2)
    const [blind] = faults.filter(({ kind }) => kind === 'blind')
    const near = faults.filter(
      ({ kind, target, atMs, lastsMs }) =>
        kind === 'kill' &&
        target.startsWith('collector') &&
        atMs < (blind?.atMs ?? 0) + (blind?.lastsMs ?? 0) &&
        atMs + lastsMs > (blind?.atMs ?? Infinity),
    )
    expect(near.map(describeFault)).toEqual([])
  }
})

function outagesIn({ network }: Script): Outage[] {
  const entries = network.flatMap(({ atMs, action, devices: ids }) =>
    ids.map((device) => ({ at: atMs, asked_at: atMs, device, address: device, action })),
  )
  return outagesOf(entries)
}

/** Faults as they would be; who was killed takes a moment to be there again. */
function historyOf({ faults }: Script): Pick<History, 'faults' | 'intervalMs'> {
  const startAgainMs = 3_000
  return {
    intervalMs: INTERVAL_MS,
    faults: faults.map((fault) => ({
      fault,
      from: fault.atMs,
      to: fault.atMs + fault.lastsMs + (fault.kind === 'kill' ? startAgainMs : 0),
    })),
  }
}
