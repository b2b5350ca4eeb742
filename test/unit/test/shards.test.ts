import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SECONDS } from '../../seconds.ts'
import { balance } from '../../shards.ts'

const FILES = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const TAKES = { a: 50, b: 30, c: 20, d: 20, e: 10, f: 10, g: 10 }

test('every file is in one part, and parts take equally long', () => {
  const parts = balance(FILES, 3, TAKES)
  expect(parts.flat().toSorted()).toEqual(FILES)
  const seconds = parts.map((part) => part.reduce((sum, file) => sum + TAKES[file as 'a'], 0))
  expect(seconds).toEqual([50, 50, 50])
})

test('each part finds the same parts, in whatever order it found the files', () => {
  expect(balance(FILES.toReversed(), 3, TAKES)).toEqual(balance(FILES, 3, TAKES))
})

test('a file that nobody measured counts as a short one', () => {
  expect(balance(['new', 'long', 'other'], 2, { long: 60 })).toEqual([['long'], ['new', 'other']])
})

test('what was measured is there still', () => {
  const gone = Object.keys(SECONDS).filter(
    (file) => !existsSync(join(import.meta.dirname, '../../..', file)),
  )
  expect(gone).toEqual([])
})
