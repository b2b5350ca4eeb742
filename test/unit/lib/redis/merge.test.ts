import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Hashes, type Repair, repairOf } from '../../../../lib/redis/merge.ts'

/** Texts are `name@time`. */
const timeOf = (_hash: string, text: string): number => Number(text.split('@')[1])

function repaired(found: Hashes, { changes }: Repair): Hashes {
  const next = { h: { ...found['h'] } }
  for (const { id, text } of changes) {
    if (text === null) delete next.h[id]
    else next.h[id] = text
  }
  return next
}

const after = (known: Record<string, string>, at: number, found: Record<string, string>): unknown =>
  repaired({ h: found }, repairOf({ hashes: { h: known }, at }, { h: found }, timeOf))['h']

test.each([
  ['what is gone is put back', { a: 'x@1' }, 5, {}, { a: 'x@1' }],
  [
    'what was changed since the file is as it was changed',
    { a: 'new@3' },
    5,
    { a: 'old@1' },
    { a: 'new@3' },
  ],
  ['what was removed since the file is removed', {}, 5, { a: 'x@1' }, {}],
  ['what was made after the loss stays', {}, 5, { a: 'x@6' }, { a: 'x@6' }],
  ['what was changed after the loss stays', { a: 'x@1' }, 5, { a: 'y@6' }, { a: 'y@6' }],
  ['what nobody can read gives way', { a: 'x@1' }, 5, { a: 'x@garbage' }, { a: 'x@1' }],
])('%s', (_, known, at, found, expected) => {
  expect(after(known, at, found)).toEqual(expected)
})

test('of two that know, the one who knows more is right, whoever repairs first; again changes nothing', () => {
  const texts = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.nat(9).map((time) => `x@${time}`),
  )
  fc.assert(
    fc.property(texts, (known) => {
      const hashes = { h: known }
      const once = after(known, 10, {})
      expect(once).toEqual(known)
      expect(repairOf({ hashes, at: 10 }, hashes, timeOf).changes).toEqual([])
    }),
  )
  fc.assert(
    fc.property(texts, texts, (less, more) => {
      // What `less` left in Redis, repaired by the one who knew `more` later: nothing older than that comes back.
      expect(after(more, 10, less)).toEqual(
        Object.fromEntries(
          Object.entries(more).map(([id, text]) => {
            const other = less[id]
            return [
              id,
              other !== undefined && timeOf('h', other) > timeOf('h', text) ? other : text,
            ]
          }),
        ),
      )
    }),
  )
})
