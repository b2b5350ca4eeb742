import { describe, expect, test } from 'vitest'
import { FpingError } from '../../../../collector/ping/fping.ts'
import { device } from '../../../fakes/inventory.ts'
import { NOON, slotOf, startLoop } from './loop-fixture.ts'

const ping = { intervalMs: 30_000, count: 2, timeoutMs: 1_000, confirm: 3 }
const downAfter = (instant: number) => (_: string, at: number) => at < instant

describe('an outage', () => {
  test('is confirmed in 4 s: probes at t0, +2 s, +3 s, +4 s, then at the interval', async () => {
    const t0 = slotOf('a', 30)
    await using loop = await startLoop({
      devices: [device('a', { ping })],
      answers: downAfter(t0),
    })
    await loop.clock.advance(t0 - NOON + 62_000)
    const first = (t0 - NOON) / 1000
    expect(loop.seconds('a')).toEqual([0, 2, 3, 4, 30, 60].map((after) => first + after))
    expect(loop.written.every(({ fields }) => fields['up'] === 0)).toBe(true)
  })

  test('is asked for once more by each extra probe: random loss alone rarely confirms it (C7)', async () => {
    const t0 = slotOf('a', 30)
    await using loop = await startLoop({
      devices: [device('a', { ping })],
      answers: downAfter(t0),
    })
    await loop.clock.advance(t0 - NOON + 32_000)
    const echoes = loop.written.map(({ at, fields }) => [(at - t0) / 1000, fields['sent']])
    expect(echoes).toEqual([
      [0, 2],
      [2, 3],
      [3, 3],
      [4, 3],
      [30, 2],
    ])
  })

  test('of one second: the answer ends the burst', async () => {
    const t0 = slotOf('a', 30)
    await using loop = await startLoop({
      devices: [device('a', { ping })],
      answers: (_, at) => at !== t0,
    })
    await loop.clock.advance(t0 - NOON + 20_000)
    expect(loop.written.map(({ at, fields }) => [(at - t0) / 1000, fields['up']])).toEqual([
      [0, 0],
      [2, 1],
    ])
  })

  test('with a slow confirmation has as many probes as that takes', async () => {
    const t0 = slotOf('a', 30)
    await using loop = await startLoop({
      devices: [device('a', { ping: { ...ping, confirm: 6 } })],
      answers: () => false,
    })
    await loop.clock.advance(t0 - NOON + 20_000)
    expect(loop.written.map(({ at }) => (at - t0) / 1000)).toEqual([0, 2, 3, 4, 5, 6])
  })

  test('probes a device that shares its address with another only for itself', async () => {
    await using loop = await startLoop({
      devices: [device('a', { ping }), device('b', { ping })],
      answers: () => false,
    })
    await loop.clock.advance(40_000)
    for (const id of ['a', 'b']) {
      const first = (slotOf(id, 30) - NOON) / 1000
      expect(loop.seconds(id).slice(0, 4)).toEqual([0, 2, 3, 4].map((after) => first + after))
    }
  })

  test('has its parents asked in the next slot, each once', async () => {
    const t0 = slotOf('child', 30)
    await using loop = await startLoop({
      devices: [
        device('child', { address: '198.18.0.2', parents: ['one', 'two', 'gone'], ping }),
        device('one', { address: '198.18.0.3', ping: { ...ping, intervalMs: 3_600_000 } }),
        device('two', { address: '198.18.0.4', ping: { ...ping, intervalMs: 3_600_000 } }),
      ],
      answers: (address) => address !== '198.18.0.2',
    })
    await loop.clock.advance(t0 - NOON + 20_000)
    for (const parent of ['one', 'two'])
      expect(loop.seconds(parent)).toEqual([(t0 - NOON) / 1000 + 2])
  })

  test('that ends has the failing devices behind it asked in the next slot', async () => {
    const slow = { ...ping, intervalMs: 3_600_000 }
    const [back, behind] = [slotOf('parent', 30, NOON + 3_600_000), slotOf('child', 3_600)]
    await using loop = await startLoop({
      devices: [
        device('parent', { address: '198.18.0.1', ping }),
        device('child', { address: '198.18.0.2', parents: ['parent'], ping: slow }),
        device('healthy', { address: '198.18.0.3', parents: ['parent'], ping: slow }),
      ],
      answers: (address, at) => address === '198.18.0.3' || at >= back,
    })
    expect(behind).toBeLessThan(back - 10_000)
    await loop.clock.advance(back - NOON - 1)
    const before = { child: loop.seconds('child').length, healthy: loop.seconds('healthy').length }
    await loop.clock.advance(3_000)
    expect(loop.seconds('child').slice(before.child)).toEqual([(back - NOON) / 1000 + 1])
    expect(loop.seconds('healthy')).toHaveLength(before.healthy)
  })

  test('is told probe by probe until it is confirmed, each after its sample was written', async () => {
    const t0 = slotOf('a', 30)
    await using loop = await startLoop({
      devices: [device('a', { ping })],
      answers: (_, at) => at < t0 || at > t0 + 70_000,
    })
    await loop.clock.advance(t0 - NOON + 100_000)
    const told = loop.told.flatMap(({ outcomes }) => outcomes)
    expect(told.map(({ device: id, up, at }) => [id, up, (at - t0) / 1000])).toEqual([
      ['a', false, 0],
      ['a', false, 2],
      ['a', false, 3],
      ['a', false, 4],
      ['a', true, 90],
    ])
    loop.told.forEach(({ outcomes, written }) => {
      const at = outcomes[0]?.at
      expect(loop.written.findIndex((sample) => sample.at === at)).toBeLessThan(written)
    })
  })

  test('of a fleet that is steady is told to nobody', async () => {
    await using loop = await startLoop({ devices: [device('a', { ping })] })
    await loop.clock.advance(120_000)
    expect(loop.told.flatMap(({ outcomes }) => outcomes)).toEqual([
      { device: 'a', up: true, at: slotOf('a', 30) },
    ])
  })
})

describe('a failure of fping is no outage', () => {
  test('no sample is made of it, but one was due, and the next slot tries again', async () => {
    let broken = true
    await using loop = await startLoop({
      devices: [device('a')],
      probe: async (run) => {
        if (broken) throw new FpingError('fping ended with code 4: no memory', 'failed')
        return new Map(run.addresses.map((address) => [address, [0.001, 0.002]]))
      },
    })
    await loop.clock.advance(20_000)
    expect(loop.written).toEqual([])
    expect(loop.told).toEqual([])
    expect(loop.totals).toEqual({ missed: 0, samplesDue: 2, samplesMade: 0 })
    expect(loop.log.lines.map(({ reason }) => reason)).toContain(
      'fping ended with code 4: no memory',
    )
    broken = false
    await loop.clock.advance(10_000)
    expect(loop.written.map(({ fields }) => fields['up'])).toEqual([1])
  })

  test('an address that fping says nothing of gets no sample', async () => {
    const every = { ...ping, intervalMs: 1_000 }
    await using loop = await startLoop({
      devices: [
        device('a', { address: '198.18.0.1', ping: every }),
        device('b', { address: '198.18.0.2', ping: every }),
      ],
      probe: async () => new Map([['198.18.0.1', [0.001, 0.001]]]),
    })
    await loop.clock.advance(500)
    expect(loop.written.map(({ labels }) => labels['device'])).toEqual(['a'])
    expect(loop.totals).toEqual({ missed: 0, samplesDue: 2, samplesMade: 1 })
  })
})
