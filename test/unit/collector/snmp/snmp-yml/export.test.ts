import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SnmpModule } from '../../../../../collector/snmp/module.ts'
import { BUILT_IN_MODULES } from '../../../../../collector/snmp/modules/index.ts'
import { exportSnmpYml } from '../../../../../collector/snmp/snmp-yml/export.ts'
import { parseSnmpYml } from '../../../../../collector/snmp/snmp-yml/load.ts'

const FILE = join(import.meta.dirname, '../../../../fixtures/snmp/snmp.yml')

/** Without what a regular expression does: as it was written it is kept. */
const written = (modules: readonly SnmpModule[]): unknown => JSON.parse(JSON.stringify(modules))

test('what is written is read as the same modules', () => {
  const { modules } = parseSnmpYml(readFileSync(FILE, 'utf8'), FILE)
  const again = parseSnmpYml(exportSnmpYml(modules), 'again.yml')
  expect(written(again.modules)).toEqual(written(modules))
})

test('numbers of an enumeration are keys without quotes: the exporter takes no texts there', () => {
  const metric = { name: 'm', oid: '1.3', type: 'EnumAsInfo', enumValues: { 1: 'on' } } as const
  const [module] = [...BUILT_IN_MODULES.values()]
  if (module === undefined) throw new Error('no built-in modules')
  expect(exportSnmpYml([{ ...module, metrics: [metric] }])).toMatch(/enum_values:\n\s+1: on\n/)
})

test('what snmp_exporter 0.21 has no word for is left out', () => {
  const text = exportSnmpYml([...BUILT_IN_MODULES.values()])
  expect(text).not.toMatch(/texts|standsIn|scale|offset|display_hint|filters/)
  expect(parseSnmpYml(text, 'built-in.yml').modules.map(({ name }) => name)).toEqual(
    [...BUILT_IN_MODULES.values()].map(({ name }) => name),
  )
})
