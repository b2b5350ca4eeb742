import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { type Sample, encodeLine } from '../../../lib/line-protocol.ts'
import { type Stores, startStores } from '../../stores.ts'
import { samplesOf, startRecordings } from './recorded.ts'

const page = readFileSync(new URL('../../../docs/snmp-devices.md', import.meta.url), 'utf8')
const queries = [...page.matchAll(/^```promql\n(.*?)^```$/gms)].map(([, query = '']) => ({
  title: query.trim().replace(/\s+/g, ' '),
  query,
}))

const MINUTE = 60_000
const counters = new Set(
  [...BUILT_IN_MODULES.values()].flatMap(({ metrics }) =>
    metrics.flatMap(({ name, type }) => (type === 'counter' ? [name] : [])),
  ),
)

const now = Math.floor(Date.now() / 1000) * 1000
let stores: Stores

beforeAll(async () => {
  stores = await startStores()
  await using agents = await startRecordings()
  const lines: string[] = []
  for (const name of agents.communities) {
    const module = BUILT_IN_MODULES.has(name) ? name : name.slice(0, name.indexOf('_'))
    const samples = await samplesOf(agents, name, [module])
    for (let minutes = 0; minutes < 8; minutes++) {
      lines.push(...samples.map((sample) => encodeLine(earlier(sample, name, minutes))))
    }
  }
  await stores.victoriaMetrics.writeLines(lines.join('\n'))
  await stores.victoriaMetrics.flush()
})
afterAll(() => stores?.[Symbol.asyncDispose]())

/** A sample of an agent as it was so long ago: its counters ran since then. */
function earlier({ labels, fields, measurement }: Sample, device: string, minutes: number): Sample {
  const ran = Object.entries(fields).map(([name, value]) => {
    return [name, counters.has(name) ? value - minutes * 6_000 : value]
  })
  return {
    measurement,
    labels: { ...labels, device },
    fields: Object.fromEntries(ran),
    at: now - minutes * MINUTE,
  }
}

test.each(queries)('docs/snmp-devices.md: $title has an answer', async ({ query }) => {
  const vector = await stores.victoriaMetrics.query(query, { at: now })
  expect(vector.filter(({ value }) => Number.isFinite(value))).not.toEqual([])
})
