import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { KEPT_KEYS, NOT_KEPT, isOf } from '../../fixtures/state/scene.ts'
import { CHANNELS } from '../../../lib/service.ts'

const ROOT = join(import.meta.dirname, '../../..')
const FOLDERS = ['alerting', 'api', 'collector', 'lib']
/** Names that only messages go by, beside those of `CHANNELS`. */
const OTHER_CHANNELS = ['wardline:auth', 'wardline:decisions', 'wardline:devices', 'wardline:notes']

test('every key of Redis that the code names is in the state that is kept of each release, or has a reason why not', async () => {
  const named = new Set((await sources()).flatMap((text) => [...text.matchAll(NAMED)].map(nameOf)))
  const channels = [...Object.values(CHANNELS), ...OTHER_CHANNELS]
  const known = (name: string): boolean =>
    channels.includes(name) ||
    [...KEPT_KEYS, ...Object.keys(NOT_KEPT)].some((kept) => isOf(kept, name))
  expect(named.size).toBeGreaterThan(20)
  expect([...named].filter((name) => !known(name))).toEqual([])
})

const NAMED = /['"`](wardline:[a-z:-]+)/g
const nameOf = ([, name = '']: RegExpExecArray): string => name

async function sources(): Promise<string[]> {
  const lists = await Promise.all(
    FOLDERS.map(async (folder) => {
      const entries = await readdir(join(ROOT, folder), { recursive: true })
      return entries.filter((path) => path.endsWith('.ts')).map((path) => join(ROOT, folder, path))
    }),
  )
  return Promise.all(lists.flat().map((path) => readFile(path, 'utf8')))
}
