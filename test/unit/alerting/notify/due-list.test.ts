import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDueList } from '../../../../alerting/notify/due-list.ts'

test('gives what is due, each thing once, by the last instant that it was set to', () => {
  const step = fc.oneof(
    fc.record({ item: fc.nat(9), at: fc.oneof(fc.nat(50), fc.constant(Infinity)) }),
    fc.record({ until: fc.nat(50) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const list = createDueList<number>()
      const model = new Map<number, number>()
      for (const one of steps) {
        if ('item' in one) {
          list.set(one.item, one.at)
          if (one.at === Infinity) model.delete(one.item)
          else model.set(one.item, one.at)
        } else {
          const due = [...model].filter(([, at]) => at <= one.until)
          const taken = []
          for (let item = list.take(one.until); item !== undefined; item = list.take(one.until))
            taken.push(model.get(item))
          expect(taken).toEqual(due.map(([, at]) => at).sort((a, b) => a - b))
          for (const [item] of due) model.delete(item)
        }
        expect(list.next()).toBe(Math.min(Infinity, ...model.values()))
      }
    }),
    { numRuns: 500 },
  )
})
