import { describe, expect, test } from 'vitest'
import { uplinkMatcher } from '../../../../collector/snmp/uplinks.ts'
import { configSchema } from '../../../../lib/config/schema.ts'
import { device } from '../../../fakes/inventory.ts'

const matcherOf = (...uplinks: object[]) =>
  uplinkMatcher(configSchema.parse({ snmp: { uplinks } }).snmp.uplinks)
const router = device('r1', { type: 'router', role: 'edge', branch: 'Gori', tags: ['wan', 'new'] })
const wan = { ifIndex: '3', ifName: 'Gi0/3', ifDescr: 'GigabitEthernet0/3', ifAlias: 'WAN: Magti' }

describe('which interface is an uplink', () => {
  test.each<[string, object, object, string | null]>([
    ['its alias matches', { alias: '^WAN: Magti' }, {}, 'isp'],
    ['its alias is another', { alias: '^WAN: Silknet' }, {}, null],
    ['its name matches', { interface: '^Gi0/3$' }, {}, 'isp'],
    ['its description counts only without a name', { interface: '^Gigabit' }, {}, null],
    [
      'its description stands in for the name',
      { interface: '^Gigabit' },
      { ifName: undefined },
      'isp',
    ],
    ['it stands in for an empty one', { interface: '^Gigabit' }, { ifName: '' }, 'isp'],
    ['both match, and both were asked for', { alias: 'WAN', interface: 'Gi' }, {}, 'isp'],
    ['one of two matches', { alias: 'WAN', interface: 'Te' }, {}, null],
    ['an alias that is not told matches nothing', { alias: '.*' }, { ifAlias: undefined }, null],
    ['not even what it must not be', { alias: '^(?!LAN)' }, { ifAlias: '' }, null],
  ])('%s', (_title, rule, labels, uplink) => {
    const match = matcherOf({ name: 'isp', ...rule })

    expect(match(router, { ...wan, ...labels })).toBe(uplink)
  })

  test('the first rule that matches counts', () => {
    const match = matcherOf({ name: 'isp-a', alias: 'Magti' }, { name: 'isp-b', alias: 'WAN' })

    expect(match(router, wan)).toBe('isp-a')
    expect(match(router, { ...wan, ifAlias: 'WAN: other' })).toBe('isp-b')
  })
})

describe('which devices a rule is for', () => {
  test.each<[string, object, string | null]>([
    ['all', {}, 'isp'],
    ['by id', { id: ['r2', 'r1'] }, 'isp'],
    ['another id', { id: ['r2'] }, null],
    ['by tag', { tag: ['wan'] }, 'isp'],
    ['another tag', { tag: ['lan'] }, null],
    ['by all that is named', { type: ['router'], role: ['edge'], branch: ['Gori'] }, 'isp'],
    ['one of these is another', { type: ['router'], role: ['core'] }, null],
    ['by region', { region: ['Tbilisi'] }, 'isp'],
    ['another region', { region: ['Kakheti'] }, null],
  ])('%s', (_title, devices, uplink) => {
    const match = matcherOf({ name: 'isp', alias: 'WAN', devices })

    expect(match(router, wan)).toBe(uplink)
  })

  test('a device that changed is looked at anew', () => {
    const match = matcherOf({ name: 'isp', alias: 'WAN', devices: { role: ['edge'] } })

    expect(match(router, wan)).toBe('isp')
    expect(match({ ...router, role: 'lab' }, wan)).toBeNull()
  })
})
