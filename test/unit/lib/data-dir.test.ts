import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dataDirError, makeDataDir } from '../../../lib/data-dir.ts'
import { StartError } from '../../../lib/start-error.ts'

let base = ''
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'wardline-data-'))
})
afterEach(() => rmSync(base, { recursive: true }))

test('a data directory is made with those above it, and taken as it is when it is there', async () => {
  const path = join(base, 'a/b')
  await makeDataDir(path)
  await makeDataDir(path)
  expect(existsSync(path)).toBe(true)
})

test.each(['file', 'file/below'])('over a file it is refused: %s', async (name) => {
  writeFileSync(join(base, 'file'), '')
  const error: unknown = await makeDataDir(join(base, name)).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StartError)
  expect((error as Error).message).toBe(
    `data_dir: ${join(base, name)}: a part of this path is a file, not a directory: set data_dir to a directory`,
  )
})

test.each([
  [
    'EACCES',
    'data_dir: /d: permission denied: make it writable for the user that runs wardline, or set data_dir to a directory that is',
  ],
  [
    'EROFS',
    'data_dir: /d: the file system is read-only: set data_dir to a directory on one that can be written to',
  ],
  [
    'ENOSPC',
    'data_dir: /d: no space is left there: free some, or set data_dir to a directory on another disk',
  ],
  ['EIO', "data_dir: /d: can't be written to (i/o error): set data_dir to another directory"],
])('%s names the key and what to do', (code, message) => {
  const cause = Object.assign(new Error('i/o error'), { code })
  expect(dataDirError('/d', cause)).toMatchObject({ message, cause })
})
