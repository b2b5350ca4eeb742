import { type Labels, labelsKey } from '../../lib/labels.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { SnmpClient } from './client.ts'
import type { TableMemory } from './memory.ts'
import type { Column, Table } from './modules.ts'
import type { Rows } from './walk.ts'

/** Names and aliases hardly change: they are read again with every so many polls, and when rows come or go. */
const POLLS_PER_LABELS = 10

type Fields = Record<string, number>
type Asked = Column & { readonly standsInFor?: string }

/**
 * Adds one sample for each row of a table. Rows that were read before a failure are added too, as far as it is known
 * whose they are. Rejects as the client does.
 */
export async function collectTable(
  client: SnmpClient,
  table: Table,
  memory: TableMemory,
  { identity, at, samples }: { identity: Labels; at: number; samples: Sample[] },
): Promise<void> {
  const isStale = memory.labels === null || ++memory.pollsSinceLabels >= POLLS_PER_LABELS
  if (isStale) await readLabels(client, table, memory, identity)

  const fields = new Map<string, Fields>()
  try {
    await readMetrics(client, table, memory, fields)
  } catch (error) {
    addSamples((index) => memory.labels?.get(index))
    throw error
  }
  // After a restart of the device an index may be another interface: its counters wait for its name.
  const indexes = [...fields.keys()].join()
  if (!isStale && indexes !== memory.indexes) await readLabels(client, table, memory, identity)
  memory.indexes = indexes
  addSamples((index) => memory.labels?.get(index) ?? { ...identity, [table.indexLabel]: index })

  function addSamples(labelsOf: (index: string) => Labels | undefined): void {
    for (const [index, values] of fields) {
      const labels = labelsOf(index)
      if (labels !== undefined) samples.push({ measurement: '', labels, fields: values, at })
    }
  }
}

async function readLabels(
  client: SnmpClient,
  table: Table,
  memory: TableMemory,
  identity: Labels,
): Promise<void> {
  const rows: Rows = new Map()
  await client.bulkColumns(
    table.labels.map(({ oid }) => oid),
    rows,
  )
  const known = new Map<string, Labels>()
  for (const [index, cells] of rows) {
    const labels: Record<string, string> = { ...identity, [table.indexLabel]: index }
    for (const [i, { name }] of table.labels.entries()) {
      const text = cells[i]
      if (text !== undefined && text !== '') labels[name] = String(text)
    }
    const before = memory.labels?.get(index)
    const isSame = before !== undefined && labelsKey(before) === labelsKey(labels)
    known.set(index, isSame ? before : labels)
  }
  memory.labels = known
  memory.pollsSinceLabels = 0
}

async function readMetrics(
  client: SnmpClient,
  table: Table,
  memory: TableMemory,
  fields: Map<string, Fields>,
): Promise<void> {
  const narrow: Asked[] = table.metrics.flatMap(({ name, narrow: column }) =>
    column === undefined ? [] : [{ ...column, standsInFor: name }],
  )
  if (client.target.credential.version === '1') {
    // v1 has no 64-bit counters.
    const others = table.metrics.filter((column) => column.narrow === undefined)
    return readColumns(client, [...others, ...narrow], fields)
  }
  await readColumns(client, memory.narrow ? [...table.metrics, ...narrow] : table.metrics, fields)
  const isShort = [...fields.values()].some((row) =>
    narrow.some(({ standsInFor }) => standsInFor !== undefined && row[standsInFor] === undefined),
  )
  if (isShort && !memory.narrow) await readColumns(client, narrow, fields)
  memory.narrow = isShort
}

/** Numbers alone: a text in the place of a number is no value. A stand-in counts where the other has none. */
async function readColumns(
  client: SnmpClient,
  columns: readonly Asked[],
  fields: Map<string, Fields>,
): Promise<void> {
  const rows: Rows = new Map()
  try {
    await client.bulkColumns(
      columns.map(({ oid }) => oid),
      rows,
    )
  } finally {
    for (const [index, cells] of rows) {
      const row = fields.get(index) ?? {}
      fields.set(index, row)
      for (const [i, { name, standsInFor }] of columns.entries()) {
        const value = cells[i]
        if (typeof value !== 'number') continue
        if (standsInFor === undefined || row[standsInFor] === undefined) row[name] = value
      }
    }
  }
}
