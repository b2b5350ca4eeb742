import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSnapshot, writeSnapshot } from '../../../../lib/redis/snapshot.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardline-snapshot-'))
  path = join(folder, 'data', 'decisions.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const body = (n: number): string => JSON.stringify({ n, text: 'x'.repeat(n * 1_000) })

test('several services of one process write it at once: it is whole whenever it is read, and nothing else stays', async () => {
  await writeSnapshot(path, body(0))
  const writing = Promise.all(Array.from({ length: 50 }, (_, n) => writeSnapshot(path, body(n))))
  const read: unknown[] = []
  for (let i = 0; i < 50; i++) read.push(await readSnapshot(path))
  await writing
  expect(read).not.toContain(null)
  expect(await readdir(join(folder, 'data'))).toEqual(['decisions.json'])
})

test('one that was cut, or changed, is none', async () => {
  await writeSnapshot(path, body(1))
  const text = await readFile(path, 'utf8')
  for (const broken of [text.slice(0, -1), text.replace('xx', 'xy'), '', text.slice(10)]) {
    await writeFile(path, broken)
    expect(await readSnapshot(path)).toBeNull()
  }
})

test('where it can not be written, nothing of it stays', async () => {
  await mkdir(path, { recursive: true })
  await expect(writeSnapshot(path, body(1))).rejects.toThrow()
  expect(await readdir(join(folder, 'data'))).toEqual(['decisions.json'])
})
