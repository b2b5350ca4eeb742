import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { didYouMean, nearest } from '../../../../lib/config/nearest.ts'

describe('nearest', () => {
  const KEYS = ['interval', 'count', 'timeout', 'confirm']

  test.each([
    ['intervall', 'interval'],
    ['intreval', 'interval'],
    ['Interval', 'interval'],
    ['tiemout', 'timeout'],
    ['cont', 'count'],
    ['confrm', 'confirm'],
    ['retries', null],
    ['x', null],
    ['ct', null],
    ['', null],
  ])('of %j is %j', (word, found) => {
    expect(nearest(word, KEYS)).toBe(found)
  })

  it('finds any word again after one slip', () => {
    const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{4,12}$/), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(words, fc.nat(), fc.nat(), (known, which, where) => {
        const word = known[which % known.length] ?? ''
        const at = where % word.length
        const found = nearest(word.slice(0, at) + word.slice(at + 1), known)
        expect(found).not.toBeNull()
      }),
    )
  })

  it('takes the nearer of two', () => {
    expect(nearest('sw-11', ['sw-2', 'sw-1', 'sw-111'])).toBe('sw-1')
  })
})

it('didYouMean is silent when nothing is near', () => {
  expect(didYouMean('intervall', ['interval'])).toBe(', did you mean interval?')
  expect(didYouMean('zzz', ['interval'])).toBe('')
})
