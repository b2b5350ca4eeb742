import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Backlog, Batch, Reading } from '../../../../lib/spool/backlog.ts'
import { memoryBacklog } from '../../../../lib/spool/memory.ts'

const batch = (body: string, from = 0): Batch => ({
  kind: 'lines',
  body: Buffer.from(body),
  samples: 1,
  from,
})
const bodies = (reading: Reading | null): string[] =>
  (reading?.waiting ?? []).map((one) => String(one.batch.body))

function open(maxBytes: number): { backlog: Backlog; lost: () => number } {
  const backlog = memoryBacklog(maxBytes, 'lab')
  let lost = 0
  backlog.onLoss((samples) => (lost += samples))
  return { backlog, lost: () => lost }
}

describe('a backlog in memory', () => {
  test('gives batches back in their order, and forgets those that are done', async () => {
    const { backlog } = open(100)
    for (const body of ['a', 'b']) backlog.add(batch(body))
    const reading = await backlog.read()
    expect(bodies(reading)).toEqual(['a', 'b'])
    expect(backlog.size).toBe(2)
    if (reading !== null) backlog.done(reading)
    expect([backlog.size, backlog.bytes, backlog.samples, await backlog.read()]).toEqual([
      0,
      0,
      0,
      null,
    ])
  })

  test('past its bound gives up the oldest, and says how much', () => {
    const { backlog, lost } = open(4)
    const tickets = ['aa', 'bb', 'ccc'].map((body) => backlog.add(batch(body)))
    expect(tickets.map(({ state }) => state)).toEqual(['dropped', 'dropped', 'waiting'])
    expect(lost()).toBe(2)
  })

  test('gives up first what was acknowledged once, which is no loss', () => {
    const { backlog, lost } = open(4)
    const tickets = [
      backlog.add(batch('aa')),
      backlog.add(batch('bb'), 17),
      backlog.add(batch('c')),
    ]
    expect(tickets.map(({ state }) => state)).toEqual(['waiting', 'dropped', 'waiting'])
    expect(lost()).toBe(0)
  })

  test('keeps the newest batch, however big it is', async () => {
    const { backlog } = open(4)
    backlog.add(batch('aa'))
    backlog.add(batch('longer than the bound'))
    expect(bodies(await backlog.read())).toEqual(['longer than the bound'])
  })

  test('leaves out what was settled another way', async () => {
    const { backlog } = open(100)
    const [, second] = ['a', 'b', 'c'].map((body) => backlog.add(batch(body)))
    if (second !== undefined) backlog.settle(second)
    expect(bodies(await backlog.read())).toEqual(['a', 'c'])
  })

  test('knows the stamp of its oldest sample, wherever that is', () => {
    const { backlog } = open(100)
    expect([...backlog.oldest()]).toEqual([])
    for (const from of [3_000, 1_000, 2_000]) backlog.add(batch('x', from))
    expect([...backlog.oldest()]).toEqual([['lab', 1_000]])
  })

  test('loses and invents nothing, and knows its size', async () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant('add' as const), length: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ what: fc.constant('settle' as const), index: fc.nat(20) }),
      fc.record({ what: fc.constant('read' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step), fc.integer({ min: 0, max: 30 }), async (steps, bound) => {
        const { backlog, lost } = open(bound)
        const tickets: ReturnType<Backlog['add']>[] = []
        for (const each of steps) {
          if (each.what === 'add') tickets.push(backlog.add(batch('x'.repeat(each.length))))
          const ticket = each.what === 'settle' ? tickets[each.index] : undefined
          if (ticket !== undefined) backlog.settle(ticket)
          if (each.what === 'read') {
            const reading = await backlog.read()
            if (reading !== null) backlog.done(reading)
          }
          const waiting = tickets.filter(({ state }) => state === 'waiting')
          const bytes = waiting.reduce((sum, one) => sum + one.batch.body.length, 0)
          expect([backlog.size, backlog.bytes]).toEqual([waiting.length, bytes])
          expect(bytes <= bound || waiting.length === 1).toBe(true)
          expect(lost()).toBe(tickets.filter(({ state }) => state === 'dropped').length)
        }
      }),
    )
  })
})
