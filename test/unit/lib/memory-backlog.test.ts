import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Batch, memoryBacklog } from '../../../lib/delivery.ts'

const batch = (body: string): Batch => ({
  kind: 'lines',
  body: Buffer.from(body),
  samples: 1,
})
const text = (one: Batch | undefined): string => String(one?.body)
const bodies = (batches: readonly Batch[]): string[] => batches.map(text)

describe('a backlog in memory', () => {
  test('gives batches back in their order, what was put back in front first', () => {
    const backlog = memoryBacklog(100)
    for (const body of ['a', 'b']) backlog.push(batch(body))
    backlog.unshift([batch('y'), batch('z')])
    const order: string[] = []
    for (let next = backlog.peek(); next !== undefined; next = backlog.peek()) {
      order.push(text(next))
      backlog.shift(next)
    }
    expect(order).toEqual(['y', 'z', 'a', 'b'])
    expect([backlog.size, backlog.bytes]).toEqual([0, 0])
  })

  test('past its bound gives up the oldest, and says which', () => {
    const backlog = memoryBacklog(4)
    expect(bodies(backlog.push(batch('aa')))).toEqual([])
    expect(bodies(backlog.push(batch('bb')))).toEqual([])
    expect(bodies(backlog.push(batch('ccc')))).toEqual(['aa', 'bb'])
    expect(bodies(backlog.unshift([batch('y'), batch('z')]))).toEqual(['y'])
  })

  test('keeps the newest batch, however big it is', () => {
    const backlog = memoryBacklog(4)
    backlog.push(batch('aa'))
    expect(bodies(backlog.push(batch('longer than the bound')))).toEqual(['aa'])
    expect(text(backlog.peek())).toBe('longer than the bound')
  })

  test('takes away only the first batch: the bound may have dropped it meanwhile', () => {
    const backlog = memoryBacklog(2)
    const first = batch('aa')
    backlog.push(first)
    backlog.push(batch('bb'))
    backlog.shift(first)
    expect([backlog.size, backlog.bytes, text(backlog.peek())]).toEqual([1, 2, 'bb'])
  })

  test('loses and invents nothing, and knows its size', () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant('push' as const), length: fc.integer({ min: 0, max: 9 }) }),
      fc.record({
        what: fc.constant('unshift' as const),
        lengths: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }),
      }),
      fc.record({ what: fc.constant('shift' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 0, max: 30 }), (steps, bound) => {
        const backlog = memoryBacklog(bound)
        const expected: Batch[] = []
        for (const each of steps) {
          if (each.what === 'shift') {
            const first = backlog.peek()
            expect(first).toBe(expected[0])
            if (first !== undefined) backlog.shift(first)
            expected.shift()
            continue
          }
          const before = each.what === 'unshift'
          const added = (before ? each.lengths : [each.length]).map((n) => batch('x'.repeat(n)))
          const dropped =
            added[0] === undefined || before ? backlog.unshift(added) : backlog.push(added[0])
          if (before) expected.unshift(...added)
          else expected.push(...added)
          expect(expected.splice(0, dropped.length)).toEqual(dropped)
          const bytes = expected.reduce((sum, { body }) => sum + body.length, 0)
          expect([backlog.size, backlog.bytes]).toEqual([expected.length, bytes])
          expect(bytes <= bound || expected.length === 1).toBe(true)
        }
      }),
    )
  })
})
