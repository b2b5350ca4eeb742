import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { advertisedUrl, openInstance } from '../../../../alerting/leadership/instance.ts'
import { identify } from '../../../../lib/embedded/process-identity.ts'
import { recordLog } from '../../../fakes/log.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'wardline-instance-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const open = () => openInstance({ dataDir, listen: '127.0.0.1:5003', log: recordLog().log })

/** Rewrites the one file there is. */
async function change(how: (kept: Record<string, unknown>) => Record<string, unknown>) {
  const [name = ''] = await readdir(join(dataDir, 'alerting'))
  const path = join(dataDir, 'alerting', name)
  const kept = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  await writeFile(path, JSON.stringify(how(kept)))
}

/** A process of this machine that has ended. */
async function deadProcess() {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const identity = identify(child.pid ?? 0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return identity
}

test('a process that was killed is known to the next one, with the token that it had', async () => {
  const killed = await open()
  await killed.leads(5)
  const process = await deadProcess()
  await change((kept) => ({ ...kept, process }))
  const next = await open()
  expect(next.former).toEqual([{ holder: killed.holder, token: 5 }])
  expect(next.holder).not.toBe(killed.holder)
  expect(next.name).toBe(killed.name)
  expect((await open()).former).toEqual([])
})

test.each([
  ['lives', (kept: object) => ({ ...kept })],
  ['is of another machine', (kept: object) => ({ ...kept, host: 'elsewhere' })],
  ['is of another container', (kept: object) => ({ ...kept, namespace: 'pid:[1]' })],
])('one that %s is not', async (what, how) => {
  await open()
  const process = await deadProcess()
  await change((kept) => how(what === 'lives' ? kept : { ...kept, process }) as typeof kept)
  expect((await open()).former).toEqual([])
})

test('one that ended well leaves nothing', async () => {
  await (await open())[Symbol.asyncDispose]()
  expect(await readdir(join(dataDir, 'alerting'))).toEqual([])
})

test('a file that is cut off is passed over, and a folder that can’t be written stops nothing', async () => {
  await open()
  await change(() => ({}))
  expect((await open()).former).toEqual([])
  const file = join(dataDir, 'file')
  await writeFile(file, '')
  const { log } = recordLog()
  const instance = await openInstance({ dataDir: file, listen: '0.0.0.0:1', log })
  expect(instance.former).toEqual([])
})

test.each([
  ['127.0.0.1:5003', 'http://127.0.0.1:5003'],
  ['0.0.0.0:5003', 'http://noc-1:5003'],
  ['[::]:5003', 'http://noc-1:5003'],
  ['[2001:db8::1]:5003', 'http://[2001:db8::1]:5003'],
])('what listens at %s is reached at %s', (listen, url) => {
  expect(advertisedUrl(listen, 'noc-1')).toBe(url)
})
