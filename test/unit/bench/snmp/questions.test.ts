import { describe, expect, test } from 'vitest'
import { snmpYml } from '../../../../bench/snmp/questions.ts'
import { parseSnmpYml } from '../../../../collector/snmp/snmp-yml/load.ts'

const { modules, credentials } = parseSnmpYml(snmpYml(), 'snmp.yml')
const byName = new Map(modules.map((module) => [module.name, module]))

describe('the snmp.yml of the comparison with snmp_exporter', () => {
  test('is one that wardline takes, with the community of the agents', () => {
    expect([...byName.keys()]).toEqual(['scalars', 'interfaces', 'named'])
    expect(Object.keys(credentials)).not.toEqual([])
  })

  test('has a GET of five values', () => {
    expect(byName.get('scalars')).toMatchObject({ walk: [] })
    expect(byName.get('scalars')?.get).toHaveLength(5)
    expect(byName.get('scalars')?.metrics).toHaveLength(5)
  })

  test('walks the same eleven metrics with and without names', () => {
    const plain = byName.get('interfaces')
    const named = byName.get('named')
    expect(plain?.metrics.map(({ name }) => name)).toEqual(named?.metrics.map(({ name }) => name))
    expect(plain?.metrics).toHaveLength(11)
    expect(named?.walk).toHaveLength(14)
    expect(named?.metrics.every(({ lookups }) => lookups?.length === 3)).toBe(true)
  })
})
