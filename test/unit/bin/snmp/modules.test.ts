import { expect, test } from 'vitest'
import { listModules } from '../../../../bin/snmp/modules.ts'
import type { Modules } from '../../../../collector/snmp/load-modules.ts'
import { BUILT_IN_MODULES } from '../../../../collector/snmp/modules/index.ts'
import { parseSnmpYml } from '../../../../collector/snmp/snmp-yml/load.ts'

const all: Modules = {
  modules: BUILT_IN_MODULES,
  sources: new Map(),
  names: [...BUILT_IN_MODULES.keys()],
  credentials: {},
  problems: [],
}

function printed(name: string | undefined, options: Parameters<typeof listModules>[2]): string {
  const lines: string[] = []
  const code = listModules(all, name, options, {
    print: (line) => void lines.push(line),
    error: (line) => void lines.push(line),
  })
  expect(code).toBe(0)
  return lines.join('\n')
}

test('a built-in module goes out as a snmp.yml that comes in again with the same walks and metrics', () => {
  const [module] = parseSnmpYml(printed('if_mib', { yml: true }), 'snmp.yml').modules
  const ifMib = BUILT_IN_MODULES.get('if_mib')
  expect(module?.walk).toEqual(ifMib?.walk)
  expect(module?.metrics.map(({ name, oid }) => [name, oid])).toEqual(
    ifMib?.metrics.map(({ name, oid }) => [name, oid]),
  )
})

test('all of them go out as one file that loads', () => {
  const { modules } = parseSnmpYml(printed(undefined, { yml: true }), 'snmp.yml')
  expect(modules.map(({ name }) => name)).toEqual([...BUILT_IN_MODULES.keys()])
})

test('the list is filtered by the names of modules and metrics', () => {
  const list = printed(undefined, { filter: 'hrStorageUsed' })
  expect(list).toContain('windows')
  expect(list).not.toContain('cisco')
})

test('a module that there is not is named with the nearest', () => {
  expect(() => printed('cisko', {})).toThrow('did you mean cisco?')
})
