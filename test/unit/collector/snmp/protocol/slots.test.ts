import { expect, test } from 'vitest'
import { createSlots } from '../../../../../collector/snmp/protocol/slots.ts'

test('what was added is found by its number until it goes', () => {
  const slots = createSlots<string>()
  const [first, second] = [slots.add('a'), slots.add('b')]
  expect([slots.get(first), slots.get(second), slots.get(-1)]).toEqual(['a', 'b', undefined])
  slots.remove(first)
  expect(slots.get(first)).toBeUndefined()
  expect(slots.all()).toEqual(['b'])
})

test('numbers of what is gone are used again: there are never more than things at once', () => {
  const slots = createSlots<number>()
  const numbers = new Set<number>()
  for (let i = 0; i < 1_000; i++) {
    const pair = [slots.add(i), slots.add(i)]
    for (const slot of pair) {
      numbers.add(slot)
      slots.remove(slot)
    }
  }
  expect(numbers.size).toBe(2)
})
