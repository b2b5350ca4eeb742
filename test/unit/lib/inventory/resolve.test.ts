import { describe, expect, it, test } from 'vitest'
import { deviceSchema, profileSchema, defaultsSchema } from '../../../../lib/config/schema.ts'
import { resolveDevice } from '../../../../lib/inventory/resolve.ts'

const resolve = (device: object, defaults: object = {}, profiles: Record<string, object> = {}) =>
  resolveDevice(deviceSchema.parse({ id: 'a', address: 'x', ...device }), {
    defaults: defaultsSchema.parse(defaults),
    profiles: Object.fromEntries(
      Object.entries(profiles).map(([type, profile]) => [type, profileSchema.parse(profile)]),
    ),
  })

it('a device of id and address alone has the defaults of wardline', () => {
  expect(resolve({})).toEqual({
    id: 'a',
    name: 'a',
    address: 'x',
    branch: '',
    region: '',
    type: '',
    role: '',
    vendor: '',
    model: '',
    parents: [],
    enabled: true,
    tags: [],
    ping: { intervalMs: 10_000, count: 2, timeoutMs: 1_000, confirm: 3 },
    snmp: null,
  })
})

it('nearer wins, key by key: device, profile, defaults', () => {
  const device = resolve(
    { type: 'switch', ping: { interval: '30s' }, snmp: { port: 1161 } },
    { branch: 'HQ', vendor: 'x', ping: { count: 5, confirm: 2 }, snmp: { credentials: ['d'] } },
    { switch: { vendor: 'y', ping: { count: 4, interval: '1m' }, snmp: { interval: '5m' } } },
  )
  expect(device).toMatchObject({
    branch: 'HQ',
    vendor: 'y',
    ping: { intervalMs: 30_000, count: 4, timeoutMs: 1_000, confirm: 2 },
    snmp: {
      modules: ['system', 'if_mib'],
      credentials: ['d'],
      port: 1161,
      intervalMs: 300_000,
      timeoutMs: 10_000,
    },
  })
})

it('an explicitly empty value wins over what is inherited', () => {
  const device = resolve(
    { branch: '', tags: [], parents: [] },
    { branch: 'HQ', tags: ['t'], parents: ['p'] },
  )
  expect(device).toMatchObject({ branch: '', tags: [], parents: [] })
})

it('the default type picks a profile, and a type named as a property of objects picks none', () => {
  expect(resolve({}, { type: 'ap' }, { ap: { role: 'edge' } })).toMatchObject({
    type: 'ap',
    role: 'edge',
  })
  expect(resolve({ type: 'constructor' })).toMatchObject({ type: 'constructor', role: '' })
})

it('a device that inherits itself as parent is not its own parent', () => {
  expect(resolve({ id: 'core' }, { parents: ['core'] }).parents).toEqual([])
  expect(resolve({ id: 'sw' }, { parents: ['core'] }).parents).toEqual(['core'])
  expect(resolve({ id: 'core', parents: ['core'] }).parents).toEqual(['core'])
})

describe('snmp', () => {
  const credentials = { credentials: ['c'] }
  test.each([
    ['polled with credentials of the defaults', undefined, undefined, credentials, true],
    ['switched off by the device', false, undefined, credentials, false],
    ['switched off by the profile', undefined, false, credentials, false],
    ['switched on again by true', true, false, credentials, true],
    ['switched on again by a setting', { port: 1161 }, false, credentials, true],
    ['not polled without credentials', { port: 1161 }, undefined, undefined, false],
    ['not polled by true alone', true, undefined, undefined, false],
  ])('is %s', (_, device, profile, defaults, polled) => {
    const resolved = resolve(
      { type: 't', ...(device !== undefined && { snmp: device }) },
      defaults === undefined ? {} : { snmp: defaults },
      { t: profile === undefined ? {} : { snmp: profile } },
    )
    expect(resolved.snmp !== null).toBe(polled)
  })
})
