import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { endingWithParent, withSystemPath } from '../../../../lab/namespace.ts'
import type { Spool } from '../../../../lib/spool/spool.ts'
import { waitFor } from '../../../wait.ts'
import { type SpoolStand, batch, openSpoolStand } from './stand.ts'

const DISK_BYTES = 4_194_304

/** A disk of 4 MiB: in the mount namespace of a process that holds it, which is gone with it. */
async function smallDisk(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'wardline-disk-'))
  const script = `mount -t tmpfs -o size=${DISK_BYTES} tmpfs "$0" && echo mounted && exec sleep infinity`
  const held = ['-m', ...endingWithParent(['sh', '-ec', script, folder])]
  const holder = spawn('unshare', held, {
    env: withSystemPath(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  return {
    path: `/proc/${holder.pid}/root${folder}`,
    async [Symbol.asyncDispose]() {
      const ended = once(holder, 'exit')
      holder.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

let disk: Awaited<ReturnType<typeof smallDisk>>
let stand: SpoolStand
let spool: Spool
/** Minutes pass for the spool without being waited for. */
let aheadMs = 0
beforeEach(async () => {
  disk = await smallDisk()
  stand = await openSpoolStand(join(disk.path, 'spool'))
  aheadMs = 0
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs)
  // Room for more than the disk has; 4 MiB of it for what was acknowledged.
  spool = await stand.open({ maxBytes: 16 * DISK_BYTES, bufferBytes: DISK_BYTES, hasJournal: true })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await spool.close()
  await disk[Symbol.asyncDispose]()
})

const BODY_BYTES = 65_536
/** zstd makes nothing of it. */
const incompressible = (bytes = BODY_BYTES) => batch('', { body: randomBytes(bytes) })
const free = async (): Promise<number> => {
  const { bavail, bsize } = await statfs(disk.path)
  return bavail * bsize
}
const filler = () => join(disk.path, 'filler')
const fill = async (leave = 0) => writeFile(filler(), Buffer.alloc((await free()) - leave))
const onDisk = async (): Promise<boolean> => (await spool.read())?.isKept === true
const isFailing = () => waitFor(() => spool.failure !== null, { what: 'the disk to be full' })

/** All that is on disk is stored, and a minute ago: what is killed now loses none of it. Resolves how many it were. */
async function storeAll(): Promise<number> {
  let stored = 0
  for (;;) {
    const reading = await spool.read()
    if (!reading?.isKept) break
    spool.done(reading)
    stored += reading.waiting.length
  }
  aheadMs += 61_000
  return stored
}

describe('a disk that is full (F7)', () => {
  test('of the spool itself has room again once what is on it was stored', async () => {
    let added = 0
    while (spool.failure === null) {
      spool.add(incompressible(8 * BODY_BYTES))
      added++
      const isWritten = async () => DISK_BYTES - (await free()) >= added * 8 * BODY_BYTES
      await waitFor(async () => spool.failure !== null || (await isWritten()), {
        intervalMs: 5,
        what: 'it to be written',
      })
    }
    expect(spool.failure).toContain('ENOSPC')
    const before = await free()
    const stored = await storeAll()
    await waitFor(() => spool.isDurable, { what: 'the disk to take samples' })
    expect(await free()).toBeGreaterThan(before)
    expect(await onDisk()).toBe(true)
    expect(spool.size).toBe(added - stored) // what there was no room for
  })

  test('gets back what was stored, also while nothing else is to be written but what was acknowledged', async () => {
    spool.add(incompressible())
    await waitFor(onDisk, { what: 'it to be written' })
    await fill()
    spool.keep(incompressible(), 17)
    await isFailing()
    await storeAll()
    await waitFor(async () => (await free()) > 0, { what: 'room on the disk' })
  })

  test('takes what is missing in VictoriaMetrics in the place of what it has, and counts that', async () => {
    spool.keep(incompressible(), 17)
    await waitFor(async () => (await stand.segments()).length === 1, { what: 'what is kept' })
    await waitFor(async () => (await free()) < DISK_BYTES - 65_536, { what: 'it to be written' })
    await fill()
    spool.add(batch('missing\n'))
    await waitFor(onDisk, { what: 'it to be on disk' })
    expect(stand.unkept()).toBe(1)
    expect(spool.failure).toBeNull()
  })

  test('takes of what was acknowledged as much as it has room for, and the rest once it has more', async () => {
    await fill(2_621_440)
    for (let n = 0; n < 48; n++) spool.keep(incompressible(), 17) // 3 MiB
    await isFailing()
    expect(DISK_BYTES - (await free())).toBeGreaterThan(2_000_000)
    expect((await stand.segments()).length).toBeGreaterThan(0)
    expect([stand.unkept(), spool.size]).toEqual([0, 0])
    await rm(filler())
    aheadMs += 6_000
    await waitFor(() => spool.isDurable, { what: 'the rest to be written' })
    expect(stand.unkept()).toBe(0)
  })

  test('does not make what was acknowledged fill the memory: the oldest of it goes, and is counted', async () => {
    await fill()
    for (let n = 0; n < 80; n++) spool.keep(incompressible(), 17) // 5 MiB
    await isFailing()
    await waitFor(() => stand.unkept() === 16, { what: 'a mebibyte to be dropped' })
  })
})
