import { expect, test } from 'vitest'
import { MODULE_METRICS } from '../../../../alerting/schema/modules.ts'
import { BUILT_IN_MODULES } from '../../../../collector/snmp/modules/index.ts'

const NAMES_A_BIT = ['Bits', 'EnumAsStateSet', 'EnumAsInfo']
const NAMES_AN_INTERFACE = ['ifName', 'ifAlias', 'ifDescr']

/** The labels of each metric, as the modules define them: those of all modules that have it. */
function defined(): Record<string, Set<string>> {
  const found: Record<string, Set<string>> = {}
  for (const { metrics } of BUILT_IN_MODULES.values()) {
    for (const { name, type, indexes = [], lookups = [], regexExtracts = { '': [] } } of metrics) {
      const labels = [...indexes, ...lookups].map(({ labelName }) => labelName)
      if (NAMES_A_BIT.includes(type)) labels.push(name)
      if (labels.some((label) => NAMES_AN_INTERFACE.includes(label))) labels.push('uplink')
      for (const suffix of Object.keys(regexExtracts)) {
        const all = (found[name + suffix] ??= new Set())
        for (const label of labels) all.add(label)
      }
    }
  }
  return found
}

test('the schema of typed rules has the metrics of the SNMP modules, with their labels', () => {
  const known = Object.entries(MODULE_METRICS).map(([name, labels]) => [name, new Set(labels)])
  expect(Object.fromEntries(known)).toEqual(defined())
})
