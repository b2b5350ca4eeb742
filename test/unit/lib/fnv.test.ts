import { expect, test } from 'vitest'
import { createFnv } from '../../../lib/fnv.ts'

// The vectors of the algorithm's authors.
test.each([
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
])('FNV-1a of %o is %s', (text, hex) => {
  expect(createFnv().text(text).hex()).toBe(hex)
  expect(createFnv().text(text).decimal()).toBe(BigInt(`0x${hex}`).toString())
})

test('texts one after another are one text, and a separator is a byte that no text has', () => {
  expect(createFnv().text('foo').text('bar').hex()).toBe(createFnv().text('foobar').hex())
  const separated = createFnv().text('foo').separate().text('bar').hex()
  expect(separated).not.toBe(createFnv().text('foobar').hex())
  expect(separated).not.toBe(createFnv().text('foo\u00ff').text('bar').hex())
})

test('it is what BigInt computes', () => {
  for (let length = 0; length < 200; length++) {
    const text = 'ვაკე-router-1/'.repeat(length).slice(0, length)
    let hash = 0xcbf2_9ce4_8422_2325n
    for (const byte of Buffer.from(text))
      hash = ((hash ^ BigInt(byte)) * 0x100_0000_01b3n) & 0xffff_ffff_ffff_ffffn
    expect(createFnv().text(text).decimal()).toBe(hash.toString())
  }
})
