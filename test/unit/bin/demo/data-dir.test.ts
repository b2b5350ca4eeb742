import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claimDataDir } from '../../../../bin/demo/data-dir.ts'

let base = ''
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'wardline-claim-'))
})
afterEach(() => rmSync(base, { recursive: true }))

test('a directory that is not there is made', async () => {
  await claimDataDir(join(base, 'data', 'demo'))
  expect(existsSync(join(base, 'data', 'demo'))).toBe(true)
})

test('what an earlier demo left is removed', async () => {
  await claimDataDir(join(base, 'demo'))
  writeFileSync(join(base, 'demo', 'truth.jsonl'), 'old')
  await claimDataDir(join(base, 'demo'))
  expect(existsSync(join(base, 'demo', 'truth.jsonl'))).toBe(false)
})

test("files that are not a demo's are left alone, and the demo refuses", async () => {
  mkdirSync(join(base, 'mine'))
  writeFileSync(join(base, 'mine', 'thesis.txt'), 'years of work')
  await expect(claimDataDir(join(base, 'mine'))).rejects.toThrow("files that are not a demo's")
  expect(readFileSync(join(base, 'mine', 'thesis.txt'), 'utf8')).toBe('years of work')
})

test.each(['file', 'file/demo'])(
  'a path over a file is refused with what to do: %s',
  async (name) => {
    writeFileSync(join(base, 'file'), '')
    await expect(claimDataDir(join(base, name))).rejects.toThrow(
      /^--data-dir: .*is a file, not a directory: set --data-dir to a directory$/,
    )
  },
)

test('a directory of a demo that still runs is refused', async () => {
  mkdirSync(join(base, 'demo'))
  writeFileSync(join(base, 'demo', 'demo.json'), JSON.stringify({ pid: process.ppid }))
  await expect(claimDataDir(join(base, 'demo'))).rejects.toThrow('another demo uses it')
})
