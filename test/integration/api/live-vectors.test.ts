import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFleetFacts } from '../../../api/view/facts.ts'
import { createLiveVectors } from '../../../api/view/live-vectors.ts'
import { type Vectors, askVectors } from '../../../api/view/vectors.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { atOnce } from '../../../lib/slices.ts'
import { inventoryOf, device } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { feed } from './stand.ts'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterAll(() => stores?.[Symbol.asyncDispose]())

const WINDOWS = { pingMs: 30_000, snmpMs: 60_000, alertsMs: 60_000, confirmMs: 15_000 }
const BEGIN = Date.UTC(2026, 5, 1)
/** With all that a CSV might stumble over. */
const IDS = ['plain', 'a,b', 'say "hi"', 'back\\slash', 'ünï', 'moved', 'silent']

/** What was stored in the second `second`: each device has its own rhythm, as its vantage and its branch have. */
function samplesOf(second: number): Sample[] {
  const at = BEGIN + second * 1_000
  return IDS.flatMap((device, place): Sample[] => {
    if ((second + place) % (place + 3) !== 0 || (device === 'silent' && second > 20)) return []
    const branch = device === 'moved' && second > 30 ? 'new' : 'old'
    const labels = { device, branch, vantage: `v${second % 2}` }
    const up = Number((second + place) % 2 === 0)
    return [
      { measurement: 'ping', labels, fields: { up, rtt_seconds: second / 1_000 }, at },
      { measurement: 'ping', labels, fields: { loss_ratio: 1 - up }, at },
      { measurement: 'snmp', labels: { device, branch }, fields: { up }, at },
      { measurement: 'device_state', labels: { device }, fields: { up, since: at / 1_000 }, at },
    ]
  })
}

const INVENTORY = inventoryOf(...IDS.map((id) => device(id))).current

/** What a view takes from them. */
function meaning(vectors: Vectors, facts = createFleetFacts()) {
  const read = atOnce(facts.read(INVENTORY, vectors, new Map()))
  return new Map(
    [...read].map(([id, fact]) => {
      const { state, lastSampleAt, rttSeconds, lossRatio, polledAt, snmpUp } = fact
      return [id, { state, lastSampleAt, rttSeconds, lossRatio, polledAt, snmpUp }]
    }),
  )
}

test('what is followed is what the queries of a past instant say, at each instant', async () => {
  const { victoriaMetrics } = stores
  const { signal } = new AbortController()
  const bounds = { signal, timeoutMs: 10_000 }
  const live = createLiveVectors(victoriaMetrics)
  const facts = createFleetFacts()
  for (let second = 0; second <= 75; second += 1) {
    await feed(victoriaMetrics, samplesOf(second))
    if (second % 4 !== 0) continue
    const at = BEGIN + second * 1_000 + 500
    const followed = meaning(await live(WINDOWS, at, bounds), facts)
    expect(followed, `second ${second}`).toEqual(
      meaning(await askVectors(victoriaMetrics, WINDOWS, at, bounds)),
    )
    if (second !== 72) continue
    expect(
      [...followed].filter(([, { lastSampleAt }]) => Number.isNaN(lastSampleAt)),
    ).toMatchObject([['silent', { rttSeconds: Number.NaN, lossRatio: Number.NaN }]])
  }
})
