import { describe, expect, test } from 'vitest'
import { buildView } from '../../../../api/view/build.ts'
import type { Vectors } from '../../../../api/view/vectors.ts'
import type { Device } from '../../../../lib/inventory.ts'
import { type PastUplinks, readUplinks } from '../../../../lib/uplink/readings.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { AT, emptyVectors, pollPoints, uplinkPoints } from '../fleet-vectors.ts'

const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: 60_000, timeoutMs: 1_000 }
const labelsOf = (name: string, but = {}) => ({
  device: 'r',
  branch: 'Gori',
  uplink: name,
  ifIndex: name === 'isp-a' ? '1' : '2',
  ifName: name === 'isp-a' ? 'Gi0/1' : 'Gi0/2',
  ifAlias: `WAN ${name}`,
  ...but,
})
const a = labelsOf('isp-a')

/** `isp-a up` of each uplink of device r. */
function told(
  vectors: Partial<Vectors>,
  { but = {}, past }: { but?: Partial<Device>; past?: PastUplinks } = {},
): string[] {
  const inventory = inventoryOf(device('r', { snmp, branch: 'Gori', ...but })).current
  const view = buildView(inventory, { ...emptyVectors, ...vectors }, new Map(), AT, past)
  return (view.rows[0]?.uplinks ?? []).map(({ name, state }) => `${name} ${state}`)
}
const answering = pollPoints('r', { up: true, ago: 5_000 })
const silent = pollPoints('r', { up: false, ago: 5_000 })
const before = (ago: number, oper = 1): PastUplinks => {
  const readings = readUplinks(uplinkPoints(a, { oper, ago }))
  return new Map([...readings].map(([key, reading]) => [key, { ...reading, since: 7 }]))
}

describe('what the last poll that read them says', () => {
  const b = labelsOf('isp-b')

  test.each<[string, number, number, number, number, string[]]>([
    ['both up', 1, 1, 1, 1, ['isp-a up', 'isp-b up']],
    ['one lost', 2, 1, 1, 1, ['isp-a down', 'isp-b up']],
    ['the other lost', 1, 1, 2, 1, ['isp-a up', 'isp-b down']],
    ['both lost', 2, 1, 7, 1, ['isp-a down', 'isp-b down']],
    ['one switched off', 2, 2, 1, 1, ['isp-a admin_down', 'isp-b up']],
  ])('C12 %s', (_title, operA, adminA, operB, adminB, states) => {
    const uplinks = [
      ...uplinkPoints(b, { oper: operB, admin: adminB, ago: 5_000 }),
      ...uplinkPoints(a, { oper: operA, admin: adminA, ago: 5_000 }),
    ]

    expect(told({ ...answering, uplinks })).toEqual(states)
  })

  test('C12 once SNMP is silent it is unknown, whatever was read before', () => {
    const uplinks = uplinkPoints(a, { oper: 2, ago: 65_000 })

    expect(told({ ...silent, uplinks })).toEqual(['isp-a unknown'])
  })

  test('what a failed poll read itself counts', () => {
    const uplinks = uplinkPoints(a, { oper: 2, ago: 5_000 })

    expect(told({ ...silent, uplinks })).toEqual(['isp-a down'])
  })

  test('a reading that is not searchable yet, unlike its poll, leaves the one before in force', () => {
    const uplinks = uplinkPoints(a, { oper: 1, ago: 65_000 })

    expect(told({ ...answering, uplinks })).toEqual(['isp-a up'])
  })

  test('a device that is not polled any more, or switched off, has no uplinks', () => {
    const vectors = { ...answering, uplinks: uplinkPoints(a, { oper: 1, ago: 5_000 }) }

    expect(told(vectors, { but: { snmp: null } })).toEqual([])
    expect(told(vectors, { but: { enabled: false } })).toEqual([])
  })
})

describe('an interface with several series', () => {
  test.each<[string, object]>([
    ['its alias changed', { ifAlias: 'old' }],
    ['it is another uplink now', { uplink: 'isp-z' }],
    ['F4 its device moved to another branch', { branch: 'old' }],
    ['E2 its index changed after a reboot', { ifIndex: '17' }],
  ])('%s: the newest speaks for it', (_title, but) => {
    const uplinks = [
      ...uplinkPoints(a, { oper: 1, ago: 5_000 }),
      ...uplinkPoints({ ...a, ...but }, { oper: 2, ago: 65_000 }),
    ]

    expect(told({ ...answering, uplinks })).toEqual(['isp-a up'])
    expect(told({ ...answering, uplinks: uplinks.toReversed() })).toEqual(['isp-a up'])
  })

  test('two interfaces of one name are two', () => {
    const uplinks = [
      ...uplinkPoints(a, { oper: 1, ago: 5_000 }),
      ...uplinkPoints({ ...a, ifIndex: '9' }, { oper: 2, ago: 5_000 }),
    ]

    expect(told({ ...answering, uplinks })).toEqual(['isp-a up', 'isp-a down'])
  })
})

describe('an uplink of the past', () => {
  test('C12 is unknown as long as its device is silent', () => {
    expect(told(silent, { past: before(3_600_000) })).toEqual(['isp-a unknown'])
    expect(told({}, { past: before(3_600_000) })).toEqual(['isp-a unknown'])
  })

  test('is none any more once the device answers without it', () => {
    expect(told(answering, { past: before(3_600_000) })).toEqual([])
  })

  test('does not hide what is read now', () => {
    const uplinks = uplinkPoints(a, { oper: 2, ago: 5_000 })

    expect(told({ ...answering, uplinks }, { past: before(65_000) })).toEqual(['isp-a down'])
  })
})
