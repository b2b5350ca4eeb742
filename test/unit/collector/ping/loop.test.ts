import { describe, expect, test } from 'vitest'
import { device } from '../../../fakes/inventory.ts'
import { NOON, slotOf, startLoop } from './loop-fixture.ts'

const ping = { intervalMs: 10_000, count: 2, timeoutMs: 1_000, confirm: 3 }
const seconds = (at: number): number => (at - NOON) / 1000

describe('the ping loop', () => {
  test('probes each device once in its interval, in its own second, and stamps the sample with it', async () => {
    await using loop = await startLoop({ devices: [device('a'), device('b', { address: '::1' })] })
    await loop.clock.advance(30_000)
    for (const id of ['a', 'b']) {
      const first = seconds(slotOf(id, 10))
      expect(loop.seconds(id).slice(0, 3)).toEqual([first, first + 10, first + 20])
    }
  })

  test('a device that is poked is probed in the next second, once, and its own turn stays', async () => {
    const hourly = { ...ping, intervalMs: 3_600_000 }
    await using loop = await startLoop({
      devices: [device('a', { ping: hourly }), device('off', { ping: hourly, enabled: false })],
    })
    await loop.clock.advance(2_300)
    for (const id of ['a', 'a', 'off', 'nobody']) loop.pokes.poke(id)
    await loop.clock.advance(10_000)
    expect([loop.seconds('a'), loop.seconds('off'), loop.runs.length]).toEqual([[3], [], 1])
  })

  test("a sample has the device's identity, the vantage and what was seen", async () => {
    await using loop = await startLoop({
      devices: [device('a', { branch: 'Vake', region: 'Tbilisi' })],
    })
    await loop.clock.advance(11_000)
    expect(loop.written[0]).toEqual({
      measurement: 'ping',
      labels: { device: 'a', branch: 'Vake', region: 'Tbilisi', vantage: 'lab' },
      fields: { up: 1, rtt_seconds: 0.002, loss_ratio: 0, sent: 2, received: 2 },
      at: slotOf('a', 10),
    })
    expect(loop.written[1]?.labels ?? loop.written[0]?.labels).toBe(loop.written[0]?.labels)
  })

  test('a slot is one run of fping for each pair of count and timeout', async () => {
    const every = { ...ping, intervalMs: 1_000 }
    await using loop = await startLoop({
      devices: [
        device('a', { address: '198.18.0.1', ping: every }),
        device('b', { address: '198.18.0.2', ping: every }),
        device('c', { address: '198.18.0.3', ping: { ...every, count: 5 } }),
        device('d', { address: '198.18.0.4', ping: { ...every, timeoutMs: 300 } }),
        device('e', { address: '198.18.0.5', ping: { ...every, timeoutMs: 300, confirm: 9 } }),
      ],
    })
    await loop.clock.advance(10)
    expect(loop.runs).toEqual([
      { fping: 'fping', count: 2, timeoutMs: 1_000, addresses: ['198.18.0.1', '198.18.0.2'] },
      { fping: 'fping', count: 5, timeoutMs: 1_000, addresses: ['198.18.0.3'] },
      { fping: 'fping', count: 2, timeoutMs: 300, addresses: ['198.18.0.4', '198.18.0.5'] },
    ])
  })

  test('an address that devices share is probed once and answers for each of them (F5)', async () => {
    const every = { ...ping, intervalMs: 1_000 }
    const shared = { address: '198.18.0.7', ping: every }
    await using loop = await startLoop({
      devices: [
        device('a', shared),
        device('b', { ...shared, branch: 'Gori' }),
        device('c', shared),
      ],
    })
    await loop.clock.advance(500)
    expect(loop.runs.map((run) => run.addresses)).toEqual([['198.18.0.7']])
    expect(loop.written.map(({ labels, at }) => [labels['device'], labels['branch'], at])).toEqual([
      ['a', 'Vake', NOON],
      ['b', 'Gori', NOON],
      ['c', 'Vake', NOON],
    ])
  })

  test.each([
    [2, 10_000, 1],
    [2, 10_001, 2],
    [2, 25_000, 3],
    [20, 2_000, 2],
    [1, 10_000, 1],
  ])(
    'with %i echoes, %i addresses of one slot are %i runs: sequence numbers are 16 bits',
    async (count, addresses, runs) => {
      const settings = { ...ping, intervalMs: 1_000, count }
      await using loop = await startLoop({
        devices: Array.from({ length: addresses }, (_, n) =>
          device(`d${n}`, { address: `198.18.${n >> 8}.${n & 255}`, ping: settings }),
        ),
      })
      await loop.clock.advance(10)
      expect(loop.runs).toHaveLength(runs)
      expect(new Set(loop.runs.flatMap((run) => run.addresses)).size).toBe(addresses)
    },
  )

  test('a device that is switched off is neither probed nor due', async () => {
    await using loop = await startLoop({
      devices: [device('a'), device('off', { enabled: false })],
    })
    await loop.clock.advance(30_000)
    expect(loop.seconds('off')).toEqual([])
    expect(loop.totals).toEqual({ missed: 0, samplesDue: 3, samplesMade: 3 })
    expect(loop.last.targets).toBe(1)
  })

  test('a device whose name is not resolved yet gives no sample, but one was due', async () => {
    let address: string | null = null
    await using loop = await startLoop({
      devices: [device('a', { address: 'core.example.net' })],
      resolve: () => address,
    })
    await loop.clock.advance(20_000)
    expect(loop.runs).toEqual([])
    expect(loop.totals).toEqual({ missed: 0, samplesDue: 2, samplesMade: 0 })
    address = '198.18.0.9'
    await loop.clock.advance(10_000)
    expect(loop.runs.map((run) => run.addresses)).toEqual([['198.18.0.9']])
  })

  test('an abort ends the runs under way and the loop, and nothing is written after it', async () => {
    const loop = await startLoop({ devices: [device('a')], answers: () => false })
    await loop.clock.advance(slotOf('a', 10) - NOON + 100)
    expect(loop.last.inFlight).toBe(1)
    await loop.stop(new Error('any reason'))
    expect(loop.last.inFlight).toBe(0)
    await loop.clock.advance(60_000)
    expect([loop.written, loop.log.lines]).toEqual([[], []])
    expect(loop.clock.sleepers).toBe(0)
  })
})

describe('a change of the inventory', () => {
  test('is in force in the next slot, and shifts nobody', async () => {
    await using loop = await startLoop({ devices: [device('a'), device('b')] })
    await loop.clock.advance(10_000)
    const before = loop.seconds('b')
    loop.inventory.replace(device('b'), device('c'))
    await loop.clock.advance(20_000)
    expect(loop.seconds('a')).toHaveLength(1)
    expect(loop.seconds('b')).toEqual([0, 10, 20].map((after) => (before[0] ?? Number.NaN) + after))
    expect(loop.seconds('c')).toHaveLength(2)
    expect(loop.last.targets).toBe(2)
  })

  test('moves a device to another branch from its next sample on (F4)', async () => {
    await using loop = await startLoop({ devices: [device('a', { branch: 'Vake' })] })
    await loop.clock.advance(10_000)
    loop.inventory.replace(device('a', { branch: 'Gori' }))
    await loop.clock.advance(10_000)
    expect(loop.written.map(({ labels }) => labels['branch'])).toEqual(['Vake', 'Gori'])
  })

  test('takes a device out of its burst when it leaves or is switched off', async () => {
    for (const next of [[], [device('a', { enabled: false })]]) {
      await using loop = await startLoop({ devices: [device('a')], answers: () => false })
      await loop.clock.advance(slotOf('a', 10) - NOON + 1_500)
      loop.inventory.replace(...next)
      await loop.clock.advance(30_000)
      expect(loop.seconds('a')).toHaveLength(1)
    }
  })

  test('a device that was off and is on again has a burst of its own (A6)', async () => {
    await using loop = await startLoop({ devices: [device('a')], answers: () => false })
    await loop.clock.advance(30_000)
    loop.inventory.replace(device('a', { enabled: false }))
    await loop.clock.advance(30_000)
    const before = loop.seconds('a').length
    loop.inventory.replace(device('a'))
    await loop.clock.advance(10_000 + 7_500)
    const [first = 0, ...more] = loop.seconds('a').slice(before)
    expect(more.slice(0, 3)).toEqual([first + 2, first + 3, first + 4])
  })

  test('is listened for until the loop ends, and no longer', async () => {
    const loop = await startLoop({ devices: [device('a')] })
    expect(loop.inventory.listeners).toBe(1)
    await loop.stop()
    expect(loop.inventory.listeners).toBe(0)
  })
})
