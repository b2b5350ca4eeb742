import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMib } from '../../../lab/mib.ts'
import { type SimulatedDevice, mibOf, simulateDevice } from '../../../lab/simulated-device.ts'
import { type Value, decodeRequest } from '../../../lab/snmp-packet.ts'

const NOW = Date.parse('2026-11-05T09:00:00Z')
const HC_IN_OCTETS = '1.3.6.1.2.1.31.1.1.1.6.1'
const UPTIME = '1.3.6.1.2.1.1.3.0'
const spec = {
  address: '198.18.0.1',
  seed: 'a',
  community: 'public',
  interfaces: 3,
  name: 'a',
  description: 'simulated',
  objectId: '1.3.6.1.4.1.8072.3.2.10',
}

function numberAt(device: SimulatedDevice, oid: string, at: number): number {
  const value = mibOf(device).find(oid)?.read(device, at)
  if (value === undefined || !('value' in value)) throw new Error(`no value at ${oid}`)
  return Number(value.value)
}

describe('the values of a simulated device', () => {
  test('are a function of seed and instant', () => {
    const [one, same, other] = ['a', 'a', 'b'].map((seed) =>
      numberAt(simulateDevice({ ...spec, seed }, NOW), HC_IN_OCTETS, NOW + 60_000),
    )
    expect(one).toBe(same)
    expect(one).not.toBe(other)
  })

  test('only grow, in the counters', () => {
    const device = simulateDevice(spec, NOW)
    const instant = fc.integer({ min: NOW, max: NOW + 3_600_000 })
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)]
        expect(numberAt(device, HC_IN_OCTETS, second)).toBeGreaterThanOrEqual(
          numberAt(device, HC_IN_OCTETS, first),
        )
      }),
    )
  })

  test('start again from zero at a reboot', () => {
    const device = simulateDevice(spec, NOW)
    expect(numberAt(device, HC_IN_OCTETS, NOW)).toBeGreaterThan(0)
    device.bootedAt = NOW
    expect(numberAt(device, HC_IN_OCTETS, NOW)).toBe(0)
    expect(numberAt(device, UPTIME, NOW + 1_500)).toBe(150)
  })
})

test('GETNEXT walks objects by the numbers of their identifiers, not by their text', () => {
  const read = (): Value => ({ type: 'null' })
  const mib = createMib(['1.3.10', '1.3.9', '1.3.9.1', '1.3.2'].map((oid) => ({ oid, read })))
  const walked: string[] = []
  for (let next = mib.after('1.3'); next !== undefined; next = mib.after(next.oid))
    walked.push(next.oid)
  expect(walked).toEqual(['1.3.2', '1.3.9', '1.3.9.1', '1.3.10'])
})

test('a packet of any bytes is decoded or refused, never an error', () => {
  const request = Buffer.from(
    '302902010104067075626c6963a01c0204123456780201000201003' + '00e300c06082b060102010105000500',
    'hex',
  )
  expect(decodeRequest(request)).toMatchObject({ operation: 'get', oids: ['1.3.6.1.2.1.1.5.0'] })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(request.length - 1), fc.nat(255)), { maxLength: 4 }),
      fc.nat(request.length),
      (changes, length) => {
        const packet = Buffer.from(request)
        for (const [place, byte] of changes) packet[place] = byte
        expect(() => decodeRequest(packet.subarray(0, length))).not.toThrow()
      },
    ),
    { numRuns: 2_000 },
  )
})
