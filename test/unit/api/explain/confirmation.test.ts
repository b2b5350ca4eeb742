import { expect, test } from 'vitest'
import { confirmationOf } from '../../../../api/explain/confirmation.ts'
import { AT } from '../fleet-vectors.ts'
import { probe } from './evidence.ts'

const down = (secondsAgo: number) => ({ up: false, since: AT - secondsAgo * 1_000 })

test('the probe that made it an outage is the one that completed the row', () => {
  const probes = [probe(20, 0.01), probe(10), probe(9), probe(8), probe(7)]

  expect(confirmationOf(probes, down(10), 3)).toEqual({
    needed: 3,
    failures: 4,
    firstFailedAt: AT - 10_000,
    confirmedAt: AT - 8_000,
  })
})

test('three that fail within less than two seconds are not one yet', () => {
  const probes = [probe(10), probe(9.5), probe(9), probe(5)]

  expect(confirmationOf(probes, down(10), 3)?.confirmedAt).toBe(AT - 5_000)
})

test('an up device that began to fail is counted, and not confirmed', () => {
  const probes = [probe(12), probe(11, 0.01), probe(2), probe(1)]

  expect(confirmationOf(probes, { up: true, since: AT - 99_000 }, 3)).toEqual({
    needed: 3,
    failures: 2,
    firstFailedAt: AT - 2_000,
    confirmedAt: null,
  })
})

test('nothing is to be confirmed while the newest probe was answered', () => {
  expect(confirmationOf([probe(2), probe(1, 0.01)], { up: true, since: 0 }, 3)).toBeNull()
  expect(confirmationOf([], null, 3)).toBeNull()
})

test('of an outage whose first samples are gone nobody says which probe confirmed it', () => {
  const found = confirmationOf([probe(30), probe(20), probe(10)], down(9_000), 3)

  expect(found).toMatchObject({ firstFailedAt: AT - 9_000_000, confirmedAt: null })
})
