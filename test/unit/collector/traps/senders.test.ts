import { describe, expect, test } from 'vitest'
import { planSenders, sourceOf } from '../../../../collector/traps/senders.ts'
import type { Config } from '../../../../lib/config/schema.ts'
import type { Device, SnmpSettings } from '../../../../lib/inventory.ts'
import { Secret } from '../../../../lib/secret.ts'
import { device } from '../../../fakes/inventory.ts'

const credentials: Config['credentials'] = {
  one: { version: '2c', community: new Secret('red') },
  two: { version: '1', community: new Secret('blue') },
  user: { version: '3', user: 'ops' },
}
const snmp = (...names: string[]): SnmpSettings => ({
  modules: [],
  credentials: names,
  port: 161,
  intervalMs: 60_000,
  timeoutMs: 5_000,
})

function plan(devices: readonly Device[], shared: readonly string[] = []) {
  const senders = planSenders(new Map(devices.map((each) => [each.id, each])), {
    credentials,
    shared,
    resolve: ({ address }) => (address === 'unresolved.example' ? null : address),
  })
  return (address: string) =>
    senders.get(address)?.map(({ credential, community, devices: its }) => ({
      version: credential.version,
      community: community?.toString() ?? null,
      devices: its.map(({ id }) => id),
    }))
}

describe('who may send traps', () => {
  test('is each device, with its own credentials and the shared ones', () => {
    const of = plan([device('a', { address: '198.18.0.1', snmp: snmp('one', 'user') })], ['two'])
    expect(of('198.18.0.1')).toEqual([
      { version: '2c', community: 'red', devices: ['a'] },
      { version: '3', community: null, devices: ['a'] },
      { version: '1', community: 'blue', devices: ['a'] },
    ])
    expect(of('198.18.0.2')).toBeUndefined()
  })

  test('a device without SNMP has the shared ones', () => {
    const of = plan([device('a', { address: '198.18.0.1' })], ['two'])
    expect(of('198.18.0.1')).toEqual([{ version: '1', community: 'blue', devices: ['a'] }])
  })

  test('devices that share an address each have their own (F5)', () => {
    const address = '198.18.0.9'
    const of = plan([
      device('a', { address, snmp: snmp('one') }),
      device('b', { address, snmp: snmp('two') }),
      device('c', { address, snmp: snmp('one') }),
    ])
    expect(of(address)).toEqual([
      { version: '2c', community: 'red', devices: ['a', 'c'] },
      { version: '1', community: 'blue', devices: ['b'] },
    ])
  })

  test('a device that is disabled, or whose name is not resolved, is nobody', () => {
    const of = plan([
      device('a', { address: '198.18.0.1', enabled: false, snmp: snmp('one') }),
      device('b', { address: 'unresolved.example', snmp: snmp('one') }),
    ])
    expect([of('198.18.0.1'), of('unresolved.example')]).toEqual([undefined, undefined])
  })

  test('an address counts, however it is spelled', () => {
    const of = plan([device('a', { address: '2001:DB8:0:0::1', snmp: snmp('one') })])
    expect(of('2001:db8::1')).toHaveLength(1)
    const mapped = plan([device('a', { address: '::ffff:198.18.0.1', snmp: snmp('one') })])
    expect(mapped('198.18.0.1')).toHaveLength(1)
  })
})

test.each([
  ['198.18.0.1', '198.18.0.1'],
  ['::ffff:198.18.0.1', '198.18.0.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:c612:1', '::ffff:c612:1'],
])('a packet from %s comes from %s', (address, source) => {
  expect(sourceOf(address)).toBe(source)
})
