import { expect, test } from 'vitest'
import type { Batch } from '../../../../lib/spool/backlog.ts'
import { requestsOf } from '../../../../lib/spool/requests.ts'

const lines = (body: string, samples: number, from: number): Batch => ({
  kind: 'lines',
  body: Buffer.from(body),
  samples,
  from,
})
const marker: Batch = { kind: 'remote-write', body: Buffer.from('x'), samples: 0, from: 5 }

test('neighbours that are lines become one request; what ends a series stays where it was', () => {
  const requests = requestsOf([
    lines('a 1\n', 1, 20),
    lines('b 1\nc 1', 2, 10),
    marker,
    lines('d 1\n', 1, 30),
  ])
  expect(
    requests.map(({ request: { kind, body, samples, from }, batches }) => [
      kind,
      String(body),
      samples,
      from,
      batches.length,
    ]),
  ).toEqual([
    ['lines', 'a 1\nb 1\nc 1\n', 3, 10, 2],
    ['remote-write', 'x', 0, 5, 1],
    ['lines', 'd 1\n', 1, 30, 1],
  ])
})

test('nothing becomes nothing', () => {
  expect(requestsOf([])).toEqual([])
})
