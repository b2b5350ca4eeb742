import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { modulesFor } from '../../../../../collector/snmp/modules/auto.ts'
import { BUILT_IN_MODULES } from '../../../../../collector/snmp/modules/index.ts'

const ENTERPRISES = '1.3.6.1.4.1'
const VENDORS: Readonly<Record<string, string>> = {
  '9': 'cisco',
  '311': 'windows',
  '2011': 'huawei',
  '2636': 'juniper',
  '8072': 'linux',
  '12356': 'fortinet',
  '14988': 'mikrotik',
  '47196': 'aruba_cx',
}

const subIdentifiers = fc.array(fc.nat({ max: 4_294_967_295 }), { maxLength: 8 })
const under = (prefix: string, rest: readonly number[]): string => [prefix, ...rest].join('.')

test.each([
  ['a Catalyst', '1.3.6.1.4.1.9.1.516', ['cisco']],
  ['with a dot in front', '.1.3.6.1.4.1.9.1.516', ['cisco']],
  ['the prefix alone', '1.3.6.1.4.1.9', ['cisco']],
  ['another enterprise that begins with the same digit', '1.3.6.1.4.1.900.1', []],
  ['a ProCurve switch', '1.3.6.1.4.1.11.2.3.7.11.63', ['hp_aruba']],
  ['a JetDirect card', '1.3.6.1.4.1.11.2.3.9.1', ['printer']],
  ['beside JetDirect cards', '1.3.6.1.4.1.11.2.3.90', ['hp_aruba']],
  ['an Aruba controller', '1.3.6.1.4.1.14823.1.1.32', ['aruba_controller']],
  ['an APC card', '1.3.6.1.4.1.318.1.3.27', ['ups']],
  ['an Eaton card', '1.3.6.1.4.1.534.1', ['ups']],
  ['a card that names the UPS-MIB', '1.3.6.1.2.1.33.250.10', ['ups']],
  ['Net-SNMP of old', '1.3.6.1.4.1.2021.250.10', ['linux']],
  ['a vendor that is not known', '1.3.6.1.4.1.41112.1.4', []],
  ['nothing', '', []],
  ['zero', '0.0', []],
])('auto of %s (%s) is %j', (_, sysObjectID, modules) => {
  expect(modulesFor(sysObjectID)).toEqual(modules)
})

test('whatever follows a vendor, its module is chosen', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(VENDORS)), subIdentifiers, (vendor, rest) => {
      expect(modulesFor(under(`${ENTERPRISES}.${vendor}`, rest))).toEqual([VENDORS[vendor]])
    }),
  )
})

test('digits appended to the last number of a vendor make another enterprise', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('9', '2011', '2636', '8072', '12356', '14988', '47196'),
      fc.nat({ max: 9_999 }),
      subIdentifiers,
      (vendor, digits, rest) => {
        const modules = modulesFor(under(`${ENTERPRISES}.${vendor}${digits}`, rest))
        expect(modules).not.toContain(VENDORS[vendor])
      },
    ),
  )
})

test('whatever an agent calls itself, the modules that are chosen are there', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat({ max: 60_000 }), subIdentifiers).map(([n, rest]) => {
      return under(`${ENTERPRISES}.${n}`, rest)
    }),
  )
  fc.assert(
    fc.property(anything, (sysObjectID) => {
      for (const name of modulesFor(sysObjectID)) expect(BUILT_IN_MODULES.has(name)).toBe(true)
    }),
  )
})

test.each([...BUILT_IN_MODULES.keys()].filter((name) => !['system', 'if_mib'].includes(name)))(
  'the agent of the recording %s is polled for the module of that name',
  (name) => {
    const file = join(import.meta.dirname, `../../../../recordings/${name}.snmprec`)
    const [, sysObjectID = ''] = /^1\.3\.6\.1\.2\.1\.1\.2\.0\|6\|(.*)$/m.exec(
      readFileSync(file, 'utf8'),
    ) ?? ['', '']
    expect(modulesFor(sysObjectID)).toEqual([name])
  },
)

test('agents of one kind, known or not, share one list: what is made for it is made once', () => {
  expect(modulesFor('1.3.6.1.4.1.9.1.1')).toBe(modulesFor('1.3.6.1.4.1.9.1.2'))
  expect(modulesFor('1.2.3')).toBe(modulesFor('1.2.4'))
})
