import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Stores, startStores } from '../../stores.ts'
import { recordFleet, recordedFleet } from './recorded-fleet.ts'

const page = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')
const queries = [...page.matchAll(/^```promql\n(.*?)^```$/gms)].map(([, query = '']) => ({
  title: query.trim().replace(/\s+/g, ' '),
  query,
}))
/** Names in the first column of the tables that list metrics. */
const documented = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)

const now = Math.floor(Date.now() / 1000) * 1000
let stores: Stores

beforeAll(async () => {
  stores = await startStores()
  await recordFleet(stores.victoriaMetrics, recordedFleet(now), now)
})
afterAll(() => stores?.[Symbol.asyncDispose]())

describe('docs/metrics.md', () => {
  test.each(queries)('$title has an answer', async ({ query }) => {
    const vector = await stores.victoriaMetrics.query(query, { at: now })
    expect(vector.filter(({ value }) => Number.isFinite(value))).not.toEqual([])
  })

  test('lists every series that is written, and no other', async () => {
    const response = await fetch(`${stores.vmUrl}/api/v1/label/__name__/values`)
    const { data } = (await response.json()) as { data: string[] }
    expect(new Set(documented)).toEqual(new Set(data))
    expect(documented).toHaveLength(data.length)
  })
})
