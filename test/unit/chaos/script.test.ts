import { describe, expect, test } from 'vitest'
import { FAULT_KINDS, describeFault } from '../../../chaos/fault.ts'
import { writeScript } from '../../../chaos/script.ts'
import { createFleet } from '../../../lab/fleet.ts'
import { outagesOf } from '../../../lab/truth.ts'

const { devices } = createFleet({ devices: 300 })
const cluster = { collectors: 2, alertings: 2 }
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
    const entries = script.network.flatMap(({ atMs, action, devices: ids }) =>
      ids.map((device) => ({ at: atMs, asked_at: atMs, device, address: device, action })),
    )
    const outages = outagesOf(entries)
    expect(outages.length).toBeGreaterThan(100)
    for (const { down, up } of outages)
      expect((up?.at ?? 0) - down.at).toBeGreaterThanOrEqual(20_000)
    expect(script.network.some(({ cause }) => cause === 'branch outage')).toBe(true)
  })
})
