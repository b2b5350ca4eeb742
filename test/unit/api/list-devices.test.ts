import { describe, expect, test } from 'vitest'
import { type DeviceFilter, filterDevices, sortDevices } from '../../../api/list-devices.ts'
import { buildView } from '../../../api/view/build.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { AT, vectorsOf } from './fleet-vectors.ts'

const { rows } = buildView(
  inventoryOf(
    device('d1', { name: 'router 10', branch: 'Vake', address: '10.0.0.1', tags: ['core'] }),
    device('d2', { name: 'router 9', branch: 'Gori, old', region: 'Kartli', type: 'switch' }),
    device('d3', { name: 'atm', branch: 'Vake', type: 'atm' }),
    device('d4', { name: 'camera', branch: '', type: 'camera' }),
  ).current,
  vectorsOf(
    { id: 'd1', up: false, sinceAgo: 60_000, sampleAgo: 0, loss: 1 },
    { id: 'd2', up: false, sinceAgo: 3_600_000, sampleAgo: 0, loss: 1 },
    { id: 'd3', up: true, sampleAgo: 0, rtt: 0.2, loss: 0.5 },
  ),
  new Map(),
  AT,
)
const everything: DeviceFilter = { status: null, branch: null, region: null, type: null, q: '' }
const ids = (found: typeof rows): string[] => found.map((row) => row.device.id)

describe('filters', () => {
  test.each<[string, Partial<DeviceFilter>, string[]]>([
    ['none', {}, ['d1', 'd2', 'd3', 'd4']],
    ['one status', { status: ['down'] }, ['d1', 'd2']],
    ['several', { status: ['up', 'unknown'] }, ['d3', 'd4']],
    ['a branch', { branch: new Set(['Vake']) }, ['d1', 'd3']],
    ['a branch with a comma', { branch: new Set(['Gori, old']) }, ['d2']],
    ['no branch', { branch: new Set(['']) }, ['d4']],
    ['region and type', { region: new Set(['Kartli']), type: new Set(['switch']) }, ['d2']],
    ['a word of the name', { q: 'ROUTER' }, ['d1', 'd2']],
    ['every word counts', { q: 'router vake' }, ['d1']],
    ['a tag', { q: 'core' }, ['d1']],
    ['a part of the address', { q: '10.0.0' }, ['d1']],
    ['nothing fits', { status: ['disabled'] }, []],
  ])('%s', (_title, filter, expected) => {
    expect(ids(filterDevices(rows, { ...everything, ...filter }))).toEqual(expected)
  })
})

describe('sorting', () => {
  test.each([
    ['-downtime', ['d2', 'd1', 'd3', 'd4']],
    ['downtime', ['d1', 'd2', 'd3', 'd4']],
    ['name', ['d3', 'd4', 'd2', 'd1']],
    ['-name', ['d1', 'd2', 'd4', 'd3']],
    ['status', ['d1', 'd2', 'd4', 'd3']],
    ['rtt', ['d3', 'd1', 'd2', 'd4']],
    ['-loss', ['d1', 'd2', 'd3', 'd4']],
    ['loss', ['d3', 'd1', 'd2', 'd4']],
    ['branch', ['d2', 'd1', 'd3', 'd4']],
  ] as const)('%s, what has no value last', (sort, expected) => {
    expect(ids(sortDevices(rows, sort))).toEqual(expected)
  })
})
