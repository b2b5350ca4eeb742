import { expect, test } from 'vitest'
import type { Alert } from '../../../../alerting/alert.ts'
import { createClaims } from '../../../../alerting/group/claims.ts'
import { alertOf } from '../notify/alerts.ts'

const keys = (alerts: readonly Alert[]) => alerts.map(({ labels }) => labels['device'])

test('of two groups that have the same alert the first tells of it, until it is over there', () => {
  const claims = createClaims()
  const a = alertOf('a', 1_000)
  const b = alertOf('b', 1_000)
  expect(keys(claims.own('g', 'one', [a]))).toEqual(['a'])
  expect(keys(claims.own('g', 'two', [a, b]))).toEqual(['b'])
  expect(keys(claims.own('g', 'one', [alertOf('a', 1_000, 2_000)]))).toEqual(['a'])
  expect(keys(claims.own('g', 'two', [a, b]))).toEqual(['a', 'b'])
})

test('groups of other names have nothing to do with it', () => {
  const claims = createClaims()
  const a = alertOf('a', 1_000)
  claims.own('g', 'one', [a])
  expect(claims.own('other', 'two', [a])).toEqual([a])
})

test('what a group claimed that is gone is free', () => {
  const claims = createClaims()
  const a = alertOf('a', 1_000)
  claims.own('g', 'one', [a])
  claims.release('g', 'one')
  expect(claims.own('g', 'two', [a])).toEqual([a])
})
