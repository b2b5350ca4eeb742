import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeTokenText, readTokenText } from '../../../../lib/auth/token-text.ts'

test('a token is read as it was made, and no two are the same', () => {
  const made = Array.from({ length: 200 }, makeTokenText)

  for (const token of made) expect(readTokenText(token.text)).toEqual(token)
  expect(new Set(made.map(({ id }) => id)).size).toBe(200)
})

test('nothing else is one: not with anything before, after or within', () => {
  const { text } = makeTokenText()
  fc.assert(
    fc.property(fc.nat(text.length), fc.string({ minLength: 1 }), (at, added) => {
      expect(readTokenText(text.slice(0, at) + added + text.slice(at))).toBeNull()
    }),
  )
  fc.assert(
    fc.property(fc.string(), (any) => {
      expect(readTokenText(any)).toBeNull()
    }),
  )
})
