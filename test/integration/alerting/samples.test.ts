import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPingSamples } from '../../../alerting/availability/samples.ts'
import { encodeLine } from '../../../lib/line-protocol.ts'
import { type Stores, startStores } from '../../stores.ts'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterAll(() => stores[Symbol.asyncDispose]())

let at = Date.UTC(2025, 0, 15)
const signal = new AbortController().signal

/** Each call in a minute of its own. */
async function roundTrip(ids: readonly string[]): Promise<string[]> {
  at += 60_000
  const lines = ids.map((device, index) =>
    encodeLine({
      measurement: 'ping',
      labels: { device, branch: 'b, "c"', vantage: 'v' },
      fields: { up: index % 2 },
      at,
    }),
  )
  await stores.victoriaMetrics.writeLines(lines.join('\n'))
  await stores.victoriaMetrics.flush()
  const samples = await readPingSamples(stores.victoriaMetrics, { start: at, end: at }, signal)
  for (const [index, id] of ids.entries())
    expect(samples.get(id)).toEqual([{ at, up: index % 2 === 1 }])
  return [...samples.keys()]
}

test.each([
  'plain',
  'a,b',
  'q"uote',
  '"',
  '""',
  '"quoted"',
  'a","b',
  'comma,"q",end"',
  'back\\slash',
  '\\"',
  'x=y',
  'a b',
  "single'q",
  '{x}',
  '<b>&amp;',
  'სოფო 😀',
  'a\u2028b',
])('the sample of a device called %s is read back as its own', async (id) => {
  await roundTrip([id])
})

test('the samples of any ids that an inventory takes are read back', async () => {
  // As lib/config/fields.ts cleans them: no control characters, no spaces around.
  const id = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    // oxlint-disable-next-line no-control-regex
    .map((text) => text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim())
    .filter((text) => text !== '' && text.isWellFormed())
  const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 50 })
  await fc.assert(
    fc.asyncProperty(ids, async (given) => {
      expect((await roundTrip(given)).toSorted()).toEqual(given.toSorted())
    }),
    { numRuns: 30 },
  )
})
