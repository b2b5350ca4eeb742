import { describe, expect, test } from 'vitest'
import type { Ask, Others } from '../../../../collector/share/others.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { NOON, startLoop } from './loop-fixture.ts'

const second = { intervalMs: 1_000, count: 1, timeoutMs: 500, confirm: 3 }
const rare = { ...second, intervalMs: 3_600_000 }

/** The other collectors, as this one knows them. */
function silentOthers(): Others & { asked: Ask[]; say: (ask: Ask) => void } {
  const asked: Ask[] = []
  const listeners = new Set<(ask: Ask) => void>()
  return {
    asked,
    say: (ask) => listeners.forEach((listener) => listener(ask)),
    ask: (asks) => void asked.push(...asks),
    onAsk(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

describe('a collector that has a share of the devices', () => {
  const router = device('router', { ping: second })
  const child = device('child', { address: '198.18.0.2', parents: ['router'], ping: second })

  test('has the collector of a parent ask it at once when a device falls silent', async () => {
    const others = silentOthers()
    await using loop = await startLoop({
      devices: [child],
      fleet: inventoryOf(router, child),
      others,
      answers: (_, at) => at < NOON + 3_000,
    })
    await loop.clock.advance(2_900)
    others.asked.length = 0
    await loop.clock.advance(1_500)
    expect(others.asked).toEqual([{ device: 'router', as: 'cause' }])
  })

  test('has those asked that are behind a device that answers again, and what is above it', async () => {
    const others = silentOthers()
    const uplink = device('uplink', { ping: second })
    const own = device('router', { parents: ['uplink'], ping: second })
    await using loop = await startLoop({
      devices: [own],
      fleet: inventoryOf(uplink, own, child),
      others,
      answers: (_, at) => at >= NOON + 3_000,
    })
    await loop.clock.advance(2_900)
    expect(others.asked).toEqual([{ device: 'uplink', as: 'cause' }])
    others.asked.length = 0
    await loop.clock.advance(1_000)
    expect(others.asked).toEqual([
      { device: 'uplink', as: 'above' },
      { device: 'child', as: 'behind' },
    ])
  })

  test('asks nobody for devices that are switched off or unknown', async () => {
    const others = silentOthers()
    const off = device('off', { enabled: false })
    const own = device('own', { parents: ['off', 'unknown'], ping: second })
    await using loop = await startLoop({
      devices: [own],
      fleet: inventoryOf(off, own),
      others,
      answers: () => false,
    })
    await loop.clock.advance(1_900)
    expect(others.asked).toEqual([])
  })

  test('probes at once what another one asks for, if it is its own', async () => {
    const others = silentOthers()
    const own = device('own', { ping: rare })
    const elsewhere = device('elsewhere', { address: '198.18.0.9', ping: rare })
    await using loop = await startLoop({
      devices: [own],
      fleet: inventoryOf(own, elsewhere),
      others,
    })
    await loop.clock.advance(1_500)
    others.say({ device: 'own', as: 'cause' })
    others.say({ device: 'elsewhere', as: 'cause' })
    await loop.clock.advance(2_000)
    expect(loop.seconds('own')).toEqual([2])
    expect(loop.seconds('elsewhere')).toEqual([])
  })

  test('does not probe what answers because something around it is back', async () => {
    const others = silentOthers()
    await using loop = await startLoop({ devices: [device('own', { ping: rare })], others })
    await loop.clock.advance(1_500)
    others.say({ device: 'own', as: 'above' })
    others.say({ device: 'own', as: 'behind' })
    await loop.clock.advance(2_000)
    expect(loop.seconds('own')).toEqual([])
  })
})

describe('a collector that stood still for longer than its devices are its own', () => {
  test('begins no slot before it knows that they are its own again, and what others had is not missed (G1)', async () => {
    let heldUntil = NOON + 12_500
    await using loop = await startLoop({
      devices: [device('a', { ping: second })],
      heldUntil: () => heldUntil,
      isAlone: () => false,
    })
    await loop.clock.advance(2_900)
    await loop.clock.freeze(3_600_000)
    await loop.clock.advance(3_000)
    expect(loop.seconds('a')).toEqual([0, 1, 2])
    // The slots of the time in which nobody else had them.
    expect(loop.totals.missed).toBe(10)
    heldUntil = Infinity
    await loop.clock.advance(2_000)
    expect(loop.seconds('a').slice(3)).toEqual([3_605, 3_606, 3_607])
    expect(loop.totals.missed).toBe(10)
  })

  test('misses all of it where it is the only one: nobody else had them', async () => {
    let heldUntil = NOON + 12_500
    await using loop = await startLoop({
      devices: [device('a', { ping: second })],
      heldUntil: () => heldUntil,
      isAlone: () => true,
    })
    await loop.clock.advance(2_900)
    await loop.clock.freeze(3_600_000)
    heldUntil = Infinity
    await loop.clock.advance(2_000)
    const seconds = loop.seconds('a')
    expect(seconds.at(-1)).toBeGreaterThan(3_600)
    // Each second from noon on was probed, or missed.
    expect(loop.totals.missed + seconds.length).toBe((seconds.at(-1) ?? 0) + 1)
  })
})
