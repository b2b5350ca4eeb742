import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readModules } from '../../../../../collector/snmp/load-modules.ts'
import type { SnmpModule } from '../../../../../collector/snmp/module.ts'
import { BUILT_IN_MODULES, SNMP_TEXT_NAMES } from '../../../../../collector/snmp/modules/index.ts'

const RECORDINGS = join(import.meta.dirname, '../../../../recordings')
const modules = [...BUILT_IN_MODULES.values()]

/** By name: `oid|tag|value` of each line. */
const recordings = new Map(
  globSync(join(RECORDINGS, '*.snmprec')).map((file) => [
    basename(file, '.snmprec'),
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('|')),
  ]),
)

const isUnder = (oid: string, base: string): boolean => oid.startsWith(`${base}.`)

const lookupOids = ({ metrics }: SnmpModule): string[] =>
  metrics.flatMap(({ lookups = [] }) => lookups.flatMap(({ oid }) => oid ?? []))

describe.each(modules)('module $name', (module) => {
  const { metrics, walk, get, texts, filters } = module

  test('reads each metric, and nothing that makes neither a metric nor a label', () => {
    const columns = metrics.filter(({ indexes }) => indexes !== undefined)
    const scalars = metrics.filter(({ indexes }) => indexes === undefined)
    expect([...new Set(walk)]).toEqual(walk)
    expect(walk.toSorted()).toEqual(
      [...new Set([...columns.map(({ oid }) => oid), ...lookupOids(module)])].toSorted(),
    )
    expect(get.toSorted()).toEqual(
      [...scalars.map(({ oid }) => `${oid}.0`), ...texts.map(({ oid }) => oid)].toSorted(),
    )
  })

  test('has OIDs without a dot in front, names that Prometheus takes, and a help for each metric', () => {
    for (const oid of [...walk, ...get]) expect(oid).toMatch(/^1\.3(\.(0|[1-9]\d*))+$/)
    for (const { name, help } of metrics) {
      expect(name).toMatch(/^[a-zA-Z][a-zA-Z0-9]*$/)
      expect(help?.length, name).toBeGreaterThan(5)
    }
  })

  test('has each metric and each object once', () => {
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length)
    expect(new Set(metrics.map(({ oid }) => oid)).size).toBe(metrics.length)
  })

  test('makes labels of indexes that the table has, and filters and stand-ins of its own metrics', () => {
    for (const { name, indexes = [], lookups = [], standsInFor } of metrics) {
      const labels = indexes.map(({ labelName }) => labelName)
      for (const lookup of lookups)
        expect(labels).toEqual(expect.arrayContaining([...lookup.labels]))
      const other = metrics.find((metric) => metric.name === standsInFor)
      if (standsInFor !== undefined) expect(other?.indexes, name).toEqual(indexes)
    }
    for (const { oid, targets } of filters) {
      expect(walk).toContain(oid)
      expect(walk).toEqual(expect.arrayContaining([...targets]))
    }
  })

  test('has a recording in which every metric occurs, in this one or in one that begins with its name', () => {
    const lines = [...recordings].flatMap(([name, each]) =>
      name === module.name || name.startsWith(`${module.name}_`) ? each : [],
    )
    const missing = metrics.filter(({ oid }) => !lines.some(([at = '']) => isUnder(at, oid)))
    // What the agents that were recorded, or the boards of their kind, don't have.
    expect(missing.map(({ name }) => name)).toEqual(NOT_RECORDED[module.name] ?? [])
  })
})

const NOT_RECORDED: Readonly<Record<string, readonly string[]>> = {
  mikrotik: [
    'mtxrHlProcessorTemperature',
    'mtxrHlPower',
    'mtxrHlCurrent',
    'mtxrHlPowerSupplyState',
    'mtxrHlBackupPowerSupplyState',
    'mtxrHlFanSpeed1',
    'mtxrHlFanSpeed2',
  ],
  ups: ['upsBatteryCurrent', 'upsInputCurrent', 'upsInputTruePower'],
}

test('a metric of several modules is the same object in all of them', () => {
  const byName = Map.groupBy(
    modules.flatMap(({ metrics }) => metrics),
    ({ name }) => name,
  )
  for (const [name, same] of byName) {
    expect(new Set(same.map(({ oid }) => oid)).size, name).toBe(1)
  }
})

test('a recording holds what modules read, in order, and of each OID one value', () => {
  const read = modules.flatMap((module) => [...module.walk, ...module.get])
  for (const [name, lines] of recordings) {
    const oids = lines.map(([oid = '']) => oid)
    const strangers = oids.filter((oid) => !read.some((base) => oid === base || isUnder(oid, base)))
    expect(strangers, name).toEqual([])
    expect(new Set(oids).size, name).toBe(oids.length)
    expect(
      lines.every(([, tag = '']) => /^(2|4|4x|6|65|66|67|70)$/.test(tag)),
      name,
    ).toBe(true)
  }
})

test('names of modules and of texts', async () => {
  const traps = { credentials: [] }
  const { names } = await readModules({
    file: 'wardline.yaml',
    line: () => undefined,
    config: { snmp: { module_files: [], traps }, credentials: {} },
  })
  expect(names).toEqual([...BUILT_IN_MODULES.keys(), 'auto'])
  expect(SNMP_TEXT_NAMES).toEqual(['sysDescr', 'sysObjectID', 'sysName'])
})

test('a 64-bit counter of an interface has a 32-bit one that stands in for it', () => {
  const metrics = BUILT_IN_MODULES.get('if_mib')?.metrics ?? []
  const wide = metrics.filter(({ name }) => name.startsWith('ifHC')).map(({ name }) => name)
  const replaced = metrics.flatMap(({ standsInFor }) => standsInFor ?? [])
  expect(replaced.toSorted()).toEqual(wide.toSorted())
})
