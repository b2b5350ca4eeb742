import { expect, test } from 'vitest'
import { planFleet } from '../../../../collector/snmp/fleet.ts'
import { neededBufferBytes } from '../../../../collector/snmp/loop.ts'
import type { Device } from '../../../../lib/inventory.ts'
import { deviceAt } from '../../../integration/snmp/poll-fixture.ts'

const AGENT = { address: '192.0.2.1', port: 161 }
const inventoryOf = (...devices: Device[]) => new Map(devices.map((device) => [device.id, device]))
const switchOf = (id: string, rest: Partial<Device> = {}): Device =>
  deviceAt(AGENT, {}, { id, ...rest })

test('devices with SNMP that are enabled are planned', () => {
  const inventory = inventoryOf(switchOf('a'), switchOf('b', { enabled: false }), {
    ...switchOf('c'),
    snmp: null,
  })
  expect([...planFleet(inventory, null).polled.keys()]).toEqual(['a'])
})

test('a device is due once in each interval', () => {
  const { plan } = planFleet(inventoryOf(switchOf('a')), null)
  const slots = Array.from({ length: 120 }, (_, second) => plan.due(second * 1000).length)
  expect(slots.reduce((sum, due) => sum + due)).toBe(2)
})

test('a device whose entry says the same keeps what was learned of it, a changed one starts anew', () => {
  const before = planFleet(inventoryOf(switchOf('a'), switchOf('b')), null)
  const after = planFleet(inventoryOf(switchOf('a'), switchOf('b', { branch: 'moved' })), before)
  expect(after.polled.get('a')?.memory).toBe(before.polled.get('a')?.memory)
  expect(after.polled.get('b')?.memory).not.toBe(before.polled.get('b')?.memory)
})

test('the usual receive buffer is enough for 4,000 devices a minute, not for 10,000', () => {
  const usual = 425_984 // net.core.rmem_max of a stock kernel, as the kernel counts it
  expect(neededBufferBytes(4_000 / 60)).toBeLessThan(usual)
  expect(neededBufferBytes(10_000 / 60)).toBeGreaterThan(usual)
})
