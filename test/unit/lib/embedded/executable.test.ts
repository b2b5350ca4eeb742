import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findExecutable } from '../../../../lib/embedded/executable.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardline-path-'))
  for (const name of ['first', 'second']) await mkdir(join(folder, name))
  await writeFile(join(folder, 'first', 'prober'), 'not executable')
  await mkdir(join(folder, 'first', 'tool'))
  for (const name of ['prober', 'tool']) {
    await writeFile(join(folder, 'second', name), '#!/bin/sh\n')
    await chmod(join(folder, 'second', name), 0o755)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each(['prober', 'tool'])(
  'the first executable file of the name counts, not a plain file or a folder: %s',
  (name) => {
    const path = `${join(folder, 'first')}::${join(folder, 'second')}`
    expect(findExecutable(name, path)).toBe(join(folder, 'second', name))
  },
)

test('a program that is nowhere is null', () => {
  expect(findExecutable('no-such-program', folder)).toBeNull()
})
