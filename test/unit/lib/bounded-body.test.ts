import { expect, test } from 'vitest'
import { readUpTo } from '../../../lib/bounded-body.ts'

async function* parts(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size)
}

test('a body of at most so many bytes is read', async () => {
  expect((await readUpTo(parts(3, 4), 7))?.length).toBe(7)
  expect((await readUpTo(null, 7))?.length).toBe(0)
})

test('one that is longer is left as soon as that shows', async () => {
  let ended = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(4)
    } finally {
      ended++
    }
  }
  expect(await readUpTo(endless(), 7)).toBeNull()
  expect(ended).toBe(1)
})
