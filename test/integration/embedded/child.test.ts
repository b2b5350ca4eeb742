import { mkdir, mkdtemp, readFile, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChildSpec, keepRunning } from '../../../lib/embedded/child.ts'
import { identify } from '../../../lib/embedded/process-identity.ts'
import { createLog } from '../../../lib/log.ts'
import { waitFor } from '../../wait.ts'

const log = createLog('silent')
const never = new AbortController().signal
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardline-child-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A shell script as the child; it is ready once it wrote `ready`. */
function script(text: string, overrides: Partial<ChildSpec> = {}): ChildSpec {
  return {
    name: 'the child',
    command: 'sh',
    args: ['-c', text],
    remedy: 'install it',
    pidFile: join(folder, 'child.pid'),
    isReady: async () => (await readFile(join(folder, 'ready')).catch(() => null)) !== null,
    levelOf: () => 'debug',
    readyMs: 5_000,
    stopMs: 2_000,
    ...overrides,
  }
}

test('a program that is not installed is named, with what to do', async () => {
  const starting = keepRunning({ ...script(''), command: 'no-such-program' }, log, never)
  await expect(starting).rejects.toThrow(/no-such-program.*install it/)
})

test('a child that ends at once gives its last words as the reason', async () => {
  const starting = keepRunning(script('echo "the disk is full" >&2; exit 3'), log, never)
  await expect(starting).rejects.toThrow(/the child didn't start:\n {2}the disk is full/)
})

test('a child that is never ready is ended', async () => {
  const spec = script(`echo $$ > ${folder}/pid; exec sleep 60`, { readyMs: 300 })
  await expect(keepRunning(spec, log, never)).rejects.toThrow("didn't start")
  expect(identify(Number(await readFile(join(folder, 'pid'), 'utf8')))).toBeNull()
})

test('an end that is asked for during the start ends the child and waits no longer', async () => {
  const end = new AbortController()
  const starting = keepRunning(script(`touch ${folder}/up; exec sleep 60`), log, end.signal)
  starting.catch(() => {})
  await waitFor(() => readFile(join(folder, 'up')).then(() => true))
  end.abort()
  await expect(starting).rejects.toBe(end.signal.reason)
})

test('a child that ignores SIGTERM is killed after its time', async () => {
  const stubborn = script(`trap '' TERM; touch ${folder}/ready; while :; do sleep 1; done`, {
    stopMs: 200,
  })
  const child = await keepRunning(stubborn, log, never)
  const pid = child.pid ?? 0
  await child[Symbol.asyncDispose]()
  expect(identify(pid)).toBeNull()
})

test('a child that keeps ending is started again each time', async () => {
  const dies = script(`echo x >> ${folder}/starts; touch ${folder}/ready; sleep 0.1`)
  await using child = await keepRunning(dies, log, never)
  const starts = () => readFile(join(folder, 'starts'), 'utf8')
  await waitFor(async () => (await starts()).length >= 3 * 2, { what: 'three starts' })
  await waitFor(() => child.pid, { what: 'a running child' })
})

test('a child that cannot be noted is kept and followed by no other; it is noted once that can be done', async () => {
  const spec = script(`echo $$ >> ${folder}/starts; touch ${folder}/ready; exec sleep 60`)
  await using child = await keepRunning(spec, log, never)
  const starts = async () => (await readFile(join(folder, 'starts'), 'utf8')).trim().split('\n')
  const noted = async () => {
    const claim = JSON.parse(await readFile(spec.pidFile, 'utf8')) as { child: { pid: number } }
    return claim.child.pid
  }
  const [first = ''] = await starts()
  expect(await noted()).toBe(Number(first))

  // As on a full disk: nothing new can be written there.
  await mkdir(`${spec.pidFile}.new`)
  process.kill(Number(first), 'SIGKILL')
  await waitFor(async () => (await starts()).length === 2, { what: 'a second start' })
  const second = Number((await starts())[1])
  await waitFor(() => child.pid === second, { what: 'that it is kept' })
  // Longer than the waits before the next four starts.
  await delay(2_000)
  expect(await starts()).toHaveLength(2)
  expect(identify(second)).not.toBeNull()

  await rmdir(`${spec.pidFile}.new`)
  await waitFor(async () => (await noted()) === second, { what: 'that it is noted' })
})
