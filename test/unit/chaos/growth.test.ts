import { expect, test } from 'vitest'
import { growthOf, hasGrown } from '../../../chaos/growth.ts'

const readings = (value: (place: number) => number) =>
  Array.from({ length: 40 }, (_, place) => ({ at: place, value: value(place) }))
const bounds = { share: 0.2, least: 10 }
const grows = (value: (place: number) => number): boolean => {
  const growth = growthOf(readings(value))
  return growth !== null && hasGrown(growth, bounds)
}

test('what rises to the end has grown; what warms up, swings or peaks once has not', () => {
  expect(grows((place) => 100 + 2 * place)).toBe(true)
  expect(grows((place) => Math.min(100, 20 * place))).toBe(false)
  expect(grows((place) => 100 + 30 * (place % 2))).toBe(false)
  expect(grows((place) => (place === 35 ? 1_000 : 100))).toBe(false)
})

test('a small rise is none, in shares or in itself', () => {
  expect(hasGrown({ early: 1_000, late: 1_150 }, bounds)).toBe(false)
  expect(hasGrown({ early: 10, late: 19 }, bounds)).toBe(false)
  expect(hasGrown({ early: 10, late: 21 }, bounds)).toBe(true)
})

test('too few readings tell nothing', () => {
  expect(growthOf(readings(() => 1).slice(0, 7))).toBeNull()
})
