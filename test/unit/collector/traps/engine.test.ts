import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEngine } from '../../../../collector/traps/engine.ts'
import { StartError } from '../../../../lib/start-error.ts'

let directory: string
let file: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wardline-engine-'))
  file = join(directory, 'snmp-engine.json')
})
afterEach(() => rm(directory, { recursive: true }))

test('an engine keeps its id from start to start, and counts each one (RFC 3414 §2.2)', async () => {
  const first = await openEngine(directory)
  const second = await openEngine(directory)
  const third = await openEngine(directory)
  expect([first.boots, second.boots, third.boots]).toEqual([1, 2, 3])
  expect(third.id.equals(first.id)).toBe(true)
})

test('an id is one of RFC 3411, and no two are alike', async () => {
  const { id } = await openEngine(directory)
  const other = await openEngine(join(directory, 'other'))
  expect(id.length).toBeGreaterThanOrEqual(5)
  expect(id.length).toBeLessThanOrEqual(32)
  expect([(id[0] ?? 0) & 0x80, id[4]]).toEqual([0x80, 5])
  expect(other.id.equals(id)).toBe(false)
})

test('its time is the seconds since the start', async () => {
  let now = 5_000
  const engine = await openEngine(directory, () => now)
  now += 61_900
  expect(engine.time()).toBe(61)
})

test.each([
  ['broken', '{"engine_id"'],
  ['of no use', '{"engine_id":"80","boots":3}'],
  ['at the last number of boots', `{"engine_id":"8000000005aabbccdd","boots":${2 ** 31 - 2}}`],
])('a file that is %s makes a new id, whose boots begin with 1', async (_what, text) => {
  await writeFile(file, text)
  const engine = await openEngine(directory)
  expect(engine.boots).toBe(1)
  expect(engine.id.length).toBe(21)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    engine_id: engine.id.toString('hex'),
    boots: 1,
  })
})

test('the file is for its owner alone', async () => {
  await openEngine(directory)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('a directory that can not be made stops the start, with what to do', async () => {
  await writeFile(file, '')
  const opening = openEngine(join(file, 'inside'))
  await expect(opening).rejects.toThrow(StartError)
  await expect(opening).rejects.toThrow(/data_dir: .*set data_dir to a directory/)
})
