import { beforeEach, expect, test } from 'vitest'
import { boundReads } from '../../../lib/bounded-reads.ts'
import {
  type FailureReason,
  type QueryOptions,
  type VictoriaMetrics,
  VictoriaMetricsError,
} from '../../../lib/victoriametrics.ts'

let now = 0
let renewals = 0
let asked: { what: string; timeoutMs: number | undefined }[] = []
/** What comes of the next question: a failure, or an answer after so many milliseconds. */
let outcome: FailureReason | number = 5

async function answer<T>(what: string, { timeoutMs }: QueryOptions = {}, value: T): Promise<T> {
  asked.push({ what, timeoutMs })
  if (typeof outcome === 'number') {
    now += outcome
    return value
  }
  if (outcome === 'timeout') now += timeoutMs ?? 30_000
  throw new VictoriaMetricsError('no answer', outcome)
}
const store = {
  query: (expr: string, options?: QueryOptions) => answer(expr, options, []),
  exportCsv: (match: string, columns: readonly string[], _: unknown, options?: QueryOptions) =>
    answer(`${match} ${columns.join()}`, options, ''),
  renew: () => void renewals++,
} as unknown as VictoriaMetrics
let bounded = boundReads(store, { now: () => now })

beforeEach(() => {
  renewals = 0
  asked = []
  outcome = 5
  bounded = boundReads(store, { now: () => now })
})

const limits = () => asked.map(({ timeoutMs }) => timeoutMs)
async function query(expr: string, times = 1): Promise<void> {
  for (let turn = 0; turn < times; turn++) await bounded.query(expr).catch(() => null)
}

test('what is answered in no time as a rule is given up after 8 s, and asked again over new connections', async () => {
  await query('min(ping_up[61s])', 4)
  outcome = 'timeout'
  await query('min(ping_up[75s])', 3)

  expect(limits()).toEqual([30_000, 15_000, 8_000, 8_000, 8_000, 8_000, 16_000])
  expect(renewals).toBe(3)
})

test('each question has its own limit: one that takes long leaves the others theirs', async () => {
  await query('quick', 4)
  outcome = 12_000
  await query('slow', 2)
  outcome = 5
  await query('quick')
  await bounded.exportCsv('ping_up', ['device'], { start: 0, end: 1 })

  expect(limits().slice(4)).toEqual([30_000, 24_000, 8_000, 30_000])
})

test('a limit that the question comes with is kept', async () => {
  await bounded.query('history', { timeoutMs: 300_000 })

  expect(limits()).toEqual([300_000])
})

test('what cannot be reached, or refuses, keeps its connections', async () => {
  outcome = 'unreachable'
  await query('quick')
  outcome = 'rejected'
  await query('quick')

  expect(renewals).toBe(0)
  await expect(bounded.query('quick')).rejects.toThrow('no answer')
})
