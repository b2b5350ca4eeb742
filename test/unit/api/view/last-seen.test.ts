import { expect, test } from 'vitest'
import { createLastSeen } from '../../../../api/view/last-seen.ts'
import { atOnce } from '../../../../lib/slices.ts'
import { settle } from '../../../fakes/clock.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { AT, emptyVectors, point, vectorsOf } from '../fleet-vectors.ts'

const signal = new AbortController().signal
const { current } = inventoryOf(device('there'), device('silent'))
const HOUR = 3_600_000

/** Answers look-backs, and remembers their windows in hours. */
function recorder(answer: (hours: number) => number | null) {
  const asked: number[] = []
  return {
    asked,
    query: async (expr: string) => {
      const hours = Number(/\[(\d+)ms\]/.exec(expr)?.[1]) / HOUR
      asked.push(hours)
      const value = answer(hours)
      return value === null ? [] : [point(value / 1000, { device: 'silent' })]
    },
  }
}

test('a silent device is looked for further and further back, until it is found', async () => {
  const stamp = AT - 20 * HOUR
  const past = recorder((hours) => (hours >= 24 ? stamp : null))
  const lastSeen = createLastSeen(past)
  const vectors = vectorsOf({ id: 'there', sampleAgo: 1_000 })

  for (let second = 0; second < 5; second++) {
    atOnce(lastSeen.note(current, vectors, AT + second * 1_000, signal))
    await settle()
  }

  expect(past.asked).toEqual([1, 24])
  expect(lastSeen.stamps.get('silent')).toBe(stamp)
})

test('one that was never sampled is looked for once, not with every view', async () => {
  const past = recorder(() => null)
  const lastSeen = createLastSeen(past)

  for (let second = 0; second < 9; second++) {
    atOnce(lastSeen.note(current, emptyVectors, AT + second * 1_000, signal))
    await settle()
  }

  expect(past.asked).toEqual([1, 24, 168])
})

test('a fleet that is all there costs nothing, and what was seen is remembered', async () => {
  const past = recorder(() => null)
  const lastSeen = createLastSeen(past)
  const both = vectorsOf({ id: 'there', sampleAgo: 0 }, { id: 'silent', sampleAgo: 2_000 })

  atOnce(lastSeen.note(current, both, AT, signal))
  atOnce(lastSeen.note(current, vectorsOf({ id: 'there', sampleAgo: 0 }), AT + 1_000, signal))
  await settle()

  expect(past.asked).toEqual([])
  expect(lastSeen.stamps.get('silent')).toBe(AT - 2_000)
})

test('samples that came while nobody read are found', async () => {
  const between = AT + HOUR
  const past = recorder(() => between)
  const lastSeen = createLastSeen(past)
  const both = vectorsOf({ id: 'there', sampleAgo: 0 }, { id: 'silent', sampleAgo: 0 })
  atOnce(lastSeen.note(current, both, AT, signal))

  atOnce(lastSeen.note(current, vectorsOf({ id: 'there', sampleAgo: 0 }), AT + 2 * HOUR, signal))
  await settle()

  expect(past.asked).toHaveLength(1)
  expect(lastSeen.stamps.get('silent')).toBe(between)
})

test('a look back that fails is tried again a minute later', async () => {
  let calls = 0
  const lastSeen = createLastSeen({
    query: async () => {
      calls++
      throw new Error('too long')
    },
  })

  for (const after of [0, 1_000, 59_000, 60_000]) {
    atOnce(lastSeen.note(current, emptyVectors, AT + after, signal))
    await settle()
  }

  expect(calls).toBe(2)
})
