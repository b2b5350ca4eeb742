import { describe, expect, it, test } from 'vitest'
import { deviceSchema } from '../../../../../lib/config/schema.ts'
import {
  fieldsSchema,
  overlay,
  readPatch,
  without,
  writeDevice,
  writeFields,
} from '../../../../../lib/inventory/edits/fields.ts'
import { resolveDevice } from '../../../../../lib/inventory/resolve.ts'

const fields = (value: object) => fieldsSchema.parse(value)

describe('a patch', () => {
  it('sets what has a value and takes back what is null', () => {
    const patch = readPatch({
      branch: 'Vake',
      region: null,
      ping: { interval: '30s', count: null },
    })
    expect(patch).toEqual({
      ok: true,
      data: {
        set: { branch: 'Vake', ping: { interval: 30_000 } },
        unset: ['region', 'ping.count'],
      },
    })
  })

  it('that takes back each key of a section says nothing of it', () => {
    expect(readPatch({ snmp: { port: null } })).toEqual({
      ok: true,
      data: { set: {}, unset: ['snmp.port'] },
    })
  })

  test.each([
    [{ brnch: 'x' }, 'brnch: unknown key, did you mean branch?'],
    [{ brnch: null }, 'brnch: unknown key, did you mean branch?'],
    [{ ping: { intervall: null } }, 'intervall: unknown key, did you mean interval?'],
    [{ ping: { interval: '30 sec' } }, 'expected a duration such as 30s'],
    [{ id: 'other' }, "an id can't be changed"],
    [{ enabled: 'perhaps' }, 'expected true or false, got "perhaps"'],
    ['branch', 'expected a map of keys, got "branch"'],
  ])('%j is refused with what was expected', (value, message) => {
    const patch = readPatch(value)
    const texts = patch.ok
      ? []
      : patch.findings.map(({ path, message: text }) => `${path.map(String).at(-1)}: ${text}`)
    expect(texts.join('\n')).toContain(message)
  })
})

describe('overlay', () => {
  test.each([
    ['a text', { branch: 'a' }, { branch: 'b' }, { branch: 'b' }],
    ['an empty text', { branch: 'a' }, { branch: '' }, { branch: '' }],
    ['a list', { tags: ['a'] }, { tags: [] }, { tags: [] }],
    [
      'ping, key by key',
      { ping: { count: 1, interval: '10s' } },
      { ping: { interval: '30s' } },
      { ping: { count: 1, interval: '30s' } },
    ],
    [
      'snmp, key by key',
      { snmp: { port: 161, modules: ['system'] } },
      { snmp: { port: 1161 } },
      { snmp: { port: 1161, modules: ['system'] } },
    ],
    ['snmp, off', { snmp: { port: 161 } }, { snmp: false }, { snmp: false }],
    ['snmp, on again', { snmp: false }, { snmp: true }, { snmp: true }],
    ['snmp, on as it was', { snmp: { port: 1161 } }, { snmp: true }, { snmp: { port: 1161 } }],
    ['snmp, on with a key', { snmp: false }, { snmp: { port: 1161 } }, { snmp: { port: 1161 } }],
  ])('%s', (_, base, over, both) => {
    expect(overlay(fields(base), fields(over))).toEqual(fields(both))
  })
})

it('without takes paths away, and a section with its last key', () => {
  const given = fields({ branch: 'a', ping: { count: 1, interval: '10s' }, snmp: { port: 1161 } })
  expect(without(given, ['branch', 'ping.count', 'snmp.port'])).toEqual({
    ping: { interval: 10_000 },
  })
})

it('what is written is read again as the same', () => {
  const given = {
    ping: { interval: '1m30s', timeout: '500ms' },
    snmp: { timeout: '2s' },
    tags: ['a'],
  }
  expect(writeFields(fields(given))).toEqual(given)
  const device = resolveDevice(
    deviceSchema.parse({ id: 'a', address: '10.0.0.1', snmp: { credentials: ['core'] } }),
    { defaults: {}, profiles: {} },
  )
  const layers = { defaults: {}, profiles: {} }
  expect(resolveDevice(deviceSchema.parse(writeDevice(device)), layers)).toEqual(device)
})
