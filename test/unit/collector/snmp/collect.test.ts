import { describe, expect, test } from 'vitest'
import type { SnmpClient } from '../../../../collector/snmp/protocol/client.ts'
import { collectSection } from '../../../../collector/snmp/collect.ts'
import { compileModules } from '../../../../collector/snmp/compile.ts'
import { SnmpError } from '../../../../collector/snmp/protocol/error.ts'
import { sectionMemory, createMemory } from '../../../../collector/snmp/memory.ts'
import {
  DEFAULT_SETTINGS,
  type Metric,
  type SnmpModule,
} from '../../../../collector/snmp/module.ts'
import { ifMib } from '../../../../collector/snmp/modules/if-mib.ts'
import { compareOids, indexUnder } from '../../../../collector/snmp/protocol/oid.ts'
import { TAG, type Varbind } from '../../../../collector/snmp/protocol/varbind.ts'
import type { Sample } from '../../../../lib/line-protocol.ts'

type Values = Record<string, number | string>

const IDENTITY = { device: 'sw-1', branch: 'harbour', region: 'west' }
const NAME = '1.3.6.1.2.1.31.1.1.1.1'
const OPER = '1.3.6.1.2.1.2.2.1.8'
const HC_IN = '1.3.6.1.2.1.31.1.1.1.6'
const IN = '1.3.6.1.2.1.2.2.1.10'
const IN_ERRORS = '1.3.6.1.2.1.2.2.1.14'

/** Two interfaces of which the second has no 64-bit counters. */
const TWO: Values = {
  [`${NAME}.1`]: 'ge-1',
  [`${NAME}.2`]: 'ge-2',
  [`${OPER}.1`]: 1,
  [`${OPER}.2`]: 2,
  [`${HC_IN}.1`]: 5_000_000_000,
  [`${IN}.1`]: 705_032_704,
  [`${IN}.2`]: 20,
}

const cell = (oid: string, value: number | string): Varbind =>
  typeof value === 'number'
    ? { oid, type: TAG.gauge32, value }
    : { oid, type: TAG.octetString, value: Buffer.from(value) }

/** An agent that has these values; `fails` throws for columns that it names. */
function agentOf(values: Values) {
  const agent = { values, walked: [] as string[], fails: (_oid: string) => false }
  const client: SnmpClient = {
    async get(oids) {
      return new Map(
        oids.flatMap((oid) => {
          const value = agent.values[oid]
          return value === undefined ? [] : [[oid, cell(oid, value)] as const]
        }),
      )
    },
    async walkColumns(columns, rows) {
      for (const [position, column] of columns.entries()) {
        agent.walked.push(column)
        if (agent.fails(column)) throw new SnmpError('timeout', 'no answer')
        for (const oid of Object.keys(agent.values).toSorted(compareOids)) {
          const index = indexUnder(oid, column)
          const value = agent.values[oid]
          if (index === null || value === undefined) continue
          const row = rows.get(index) ?? columns.map(() => undefined)
          row[position] = cell(oid, value)
          rows.set(index, row)
        }
      }
    },
  }
  return { agent, client }
}

/** Polls one module again and again, with one memory. */
function pollerOf(module: SnmpModule, values: Values) {
  const { agent, client } = agentOf(values)
  const { gets, sections } = compileModules([module])
  const [section] = sections
  if (section === undefined) throw new Error('no section')
  const memory = sectionMemory(createMemory(), section.name)
  const samples: Sample[] = []
  async function poll({ isV1 = false } = {}): Promise<unknown> {
    samples.length = 0
    agent.walked.length = 0
    try {
      await collectSection(section as NonNullable<typeof section>, memory, {
        client,
        isV1,
        got: await client.get(gets),
        identity: IDENTITY,
        tag: (labels) => labels,
        at: 1_700_000_000_000,
        samples,
      })
      return null
    } catch (error) {
      return error
    }
  }
  /** `metric{labels}` without identity → value. */
  const told = (): Record<string, number> =>
    Object.fromEntries(
      samples.flatMap(({ labels, fields }) => {
        const own = Object.entries(labels)
          .filter(([name, text]) => (IDENTITY as Record<string, string>)[name] !== text)
          .map(([name, text]) => `${name}=${text}`)
        return Object.entries(fields).map(([name, value]) => [`${name}{${own}}`, value])
      }),
    )
  return { agent, poll, told, samples }
}

function moduleOf(parts: Partial<SnmpModule>): SnmpModule {
  const none = { walk: [], get: [], metrics: [], filters: [], texts: [] }
  return { name: 'm', ...none, settings: DEFAULT_SETTINGS, ...parts }
}

const ROW = { labelName: 'row', type: 'gauge', fixedSize: null, implied: false }
const column = (name: string, oid: string, rest: Partial<Metric> = {}): Metric => ({
  name,
  oid,
  type: 'gauge',
  indexes: [ROW],
  ...rest,
})

test('a row is one sample, with the names of its interface; a 32-bit counter stands in for a missing one', async () => {
  const { poll, told, samples } = pollerOf(ifMib, TWO)
  await poll()
  expect(told()).toEqual({
    'ifOperStatus{ifIndex=1,ifName=ge-1}': 1,
    'ifHCInOctets{ifIndex=1,ifName=ge-1}': 5_000_000_000,
    'ifOperStatus{ifIndex=2,ifName=ge-2}': 2,
    'ifInOctets{ifIndex=2,ifName=ge-2}': 20,
  })
  expect(samples).toHaveLength(2)
})

test('v1 is asked for 32-bit counters alone', async () => {
  const { agent, poll, told } = pollerOf(ifMib, TWO)
  await poll({ isV1: true })
  expect(told()).toMatchObject({ 'ifInOctets{ifIndex=1,ifName=ge-1}': 705_032_704 })
  expect(agent.walked).not.toContain(HC_IN)
})

describe('names of rows', () => {
  test('are read with the first poll and every tenth after it', async () => {
    const { agent, poll } = pollerOf(ifMib, TWO)
    const read: boolean[] = []
    for (let n = 0; n < 21; n++) {
      await poll()
      read.push(agent.walked.includes(NAME))
    }
    expect(read.flatMap((is, n) => (is ? [n] : []))).toEqual([0, 10, 20])
  })

  test('are read again when a row comes', async () => {
    const { agent, poll, told } = pollerOf(ifMib, TWO)
    await poll()
    agent.values = { ...TWO, [`${NAME}.3`]: 'ge-3', [`${OPER}.3`]: 1 }
    await poll()
    expect(told()).toMatchObject({ 'ifOperStatus{ifIndex=3,ifName=ge-3}': 1 })
    await poll()
    expect(agent.walked).not.toContain(NAME)
  })

  test('are read again when a row came after them: it has one from its first sample on', async () => {
    const { agent, poll, told } = pollerOf(ifMib, TWO)
    const come = (index: number) => (oid: string) => {
      if (oid === OPER) {
        agent.values = {
          ...agent.values,
          [`${NAME}.${index}`]: `ge-${index}`,
          [`${OPER}.${index}`]: 1,
        }
      }
      return false
    }
    agent.fails = come(3)
    await poll()
    expect(told()).toMatchObject({ 'ifOperStatus{ifIndex=3,ifName=ge-3}': 1 })
    agent.fails = () => false
    for (let n = 0; n < 9; n++) await poll()
    agent.fails = come(4)
    await poll()
    expect(told()).toMatchObject({ 'ifOperStatus{ifIndex=4,ifName=ge-4}': 1 })
  })

  test('of rows that have none at all are read once more, and then as often as others', async () => {
    const { agent, poll } = pollerOf(ifMib, { [`${OPER}.1`]: 1 })
    const read: number[] = []
    for (let n = 0; n < 11; n++) {
      await poll()
      read.push(agent.walked.filter((oid) => oid === NAME).length)
    }
    expect(read).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  })

  test('that were read before a failure stay: a row does not go back to the name before it', async () => {
    const { agent, poll, told } = pollerOf(ifMib, TWO)
    for (let n = 0; n < 10; n++) await poll()
    agent.values = { ...TWO, [`${NAME}.1`]: 'uplink' }
    agent.fails = (oid) => oid === HC_IN
    await poll()
    expect(told()).toMatchObject({ 'ifOperStatus{ifIndex=1,ifName=uplink}': 1 })
    agent.fails = () => false
    await poll()
    expect(told()).toMatchObject({ 'ifOperStatus{ifIndex=1,ifName=uplink}': 1 })
  })

  test('keep their labels from poll to poll as one object, which encoders cache by', async () => {
    const { poll, samples } = pollerOf(ifMib, TWO)
    await poll()
    const before = samples.map(({ labels }) => labels)
    for (let n = 0; n < 11; n++) await poll()
    expect(samples.map(({ labels }, i) => labels === before[i])).toEqual([true, true])
  })
})

describe('after a failure', () => {
  test('rows are told that were read and whose names are known', async () => {
    const { agent, poll, told } = pollerOf(ifMib, TWO)
    await poll()
    agent.fails = (oid) => oid === HC_IN
    expect(await poll()).toMatchObject({ reason: 'timeout' })
    expect(told()).toEqual({
      'ifOperStatus{ifIndex=1,ifName=ge-1}': 1,
      'ifOperStatus{ifIndex=2,ifName=ge-2}': 2,
    })
  })

  test('a row without a known name is not told: under another name it would be another series', async () => {
    const { agent, poll, told } = pollerOf(ifMib, TWO)
    await poll()
    agent.values = { ...TWO, [`${OPER}.3`]: 1 }
    agent.fails = (oid) => oid === IN_ERRORS
    await poll()
    expect(told()).not.toHaveProperty('ifOperStatus{ifIndex=3}')
  })

  test('nothing is told when not even the names could be read', async () => {
    const { agent, poll, samples } = pollerOf(ifMib, TWO)
    agent.fails = (oid) => oid === NAME
    await poll()
    expect(samples).toEqual([])
    agent.fails = () => false
    await poll()
    expect(samples).toHaveLength(2)
  })
})

test('a filter lets through the rows whose value matches, and no other row is asked for', async () => {
  const { agent, poll, told } = pollerOf(
    moduleOf({
      walk: ['1.2.3.1.1', '1.2.3.1.2'],
      metrics: [column('a', '1.2.3.1.1'), column('b', '1.2.3.1.2')],
      filters: [{ oid: '1.2.3.1.8', targets: ['1.2.3.1.2'], values: [/^1$/] }],
    }),
    {
      '1.2.3.1.1.1': 11,
      '1.2.3.1.1.2': 12,
      '1.2.3.1.2.1': 21,
      '1.2.3.1.2.2': 22,
      '1.2.3.1.8.1': 2,
      '1.2.3.1.8.2': 1,
    },
  )
  await poll()
  expect(told()).toEqual({ 'a{row=1}': 11, 'a{row=2}': 12, 'b{row=2}': 22 })
  expect(agent.walked).not.toContain('1.2.3.1.2')
})

test('a target of a filter need not be walked: its rows are read by GET', async () => {
  const { agent, poll, told } = pollerOf(
    moduleOf({
      metrics: [column('b', '1.2.3.1.2'), column('c', '1.2.3.1.3')],
      filters: [{ oid: '1.2.3.1.8', targets: ['1.2.3.1.2', '1.2.3.1.3'], values: [/Gi/] }],
    }),
    {
      '1.2.3.1.2.1': 21,
      '1.2.3.1.2.2': 22,
      '1.2.3.1.3.2': 32,
      '1.2.3.1.8.1': 'Te1',
      '1.2.3.1.8.2': 'Gi1',
    },
  )
  await poll()
  expect(told()).toEqual({ 'b{row=2}': 22, 'c{row=2}': 32 })
  expect(agent.walked).toEqual(['1.2.3.1.8'])
})

test('one instance of a column that is walked alone, and the rows under a part of an index', async () => {
  const OTHER = { ...ROW, labelName: 'other' }
  const { poll, told } = pollerOf(
    moduleOf({
      walk: ['1.2.3.1.1.7', '1.2.4.1.1.5'],
      metrics: [column('a', '1.2.3.1.1'), column('b', '1.2.4.1.1', { indexes: [ROW, OTHER] })],
    }),
    { '1.2.3.1.1.7': 1, '1.2.3.1.1.8': 2, '1.2.4.1.1.5.1': 3, '1.2.4.1.1.6.1': 4 },
  )
  await poll()
  expect(told()).toEqual({ 'a{row=7}': 1, 'b{row=5,other=1}': 3 })
})

test('a text is a label of its metric, never a number', async () => {
  const { poll, told } = pollerOf(
    moduleOf({
      walk: ['1.2.3'],
      metrics: [column('model', '1.2.3.1.1', { type: 'DisplayString' }), column('n', '1.2.3.1.2')],
    }),
    { '1.2.3.1.1.1': '4500', '1.2.3.1.2.1': 'many' },
  )
  await poll()
  expect(told()).toEqual({ 'model{row=1,model=4500}': 1 })
})

test('a label that is called as one of wardline’s own stays, under another name', async () => {
  const lookups = [
    { labels: ['device'], labelName: 'region', oid: '1.2.3.1.2', type: 'DisplayString' },
  ]
  const { poll, samples } = pollerOf(
    moduleOf({
      walk: ['1.2.3'],
      metrics: [column('a', '1.2.3.1.1', { indexes: [{ ...ROW, labelName: 'device' }], lookups })],
    }),
    { '1.2.3.1.1.9': 1, '1.2.3.1.2.9': 'disk' },
  )
  await poll()
  expect(samples[0]?.labels).toEqual({ ...IDENTITY, exported_device: '9', exported_region: 'disk' })
})

test('a name that is looked up through another one, whose column is a metric, too', async () => {
  const lookups = [
    { labels: ['row'], labelName: 'type', oid: '1.2.3.1.2', type: 'gauge' },
    { labels: ['type'], labelName: 'name', oid: '1.2.9.1.1', type: 'DisplayString' },
  ]
  const { poll, told } = pollerOf(
    moduleOf({
      walk: ['1.2.3', '1.2.9'],
      metrics: [column('used', '1.2.3.1.1', { lookups }), column('kind', '1.2.3.1.2')],
    }),
    { '1.2.3.1.1.1': 80, '1.2.3.1.2.1': 4, '1.2.9.1.1.4': 'disk' },
  )
  await poll()
  expect(told()).toEqual({ 'used{row=1,type=4,name=disk}': 80, 'kind{row=1}': 4 })
})
