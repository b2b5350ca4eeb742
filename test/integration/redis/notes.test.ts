import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../lib/clock.ts'
import { keepNotes } from '../../../lib/inventory/edits/keep-notes.ts'
import { type Notes, createNotes } from '../../../lib/inventory/edits/notes.ts'
import { createEditStore } from '../../../lib/inventory/edits/store.ts'
import { waitFor } from '../../wait.ts'
import { standForEach } from './stand.ts'

const SOON = { timeoutMs: 30_000 }
const stand = standForEach()

/** An API that keeps them, and what it reads and writes. */
async function open(): Promise<Notes & AsyncDisposable> {
  const redis = await stand.connect()
  const dataDir = stand.directory.of('data')
  const { log } = stand.recorded
  const kept = stand.use(await keepNotes({ redis, dataDir, clock: systemClock, log }))
  const notes = createNotes({ store: createEditStore(redis), clock: systemClock })
  return { ...notes, [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose]() }
}

const write = (notes: Notes, id: string, text: string): Promise<unknown> =>
  notes.write(id, text, { who: 'nino' })
const textOf = async (notes: Notes, id: string): Promise<string | null> =>
  (await notes.read(id))?.text ?? null
/** Whether the last change is known to whoever keeps them. */
const copied = (text: string): Promise<unknown> =>
  waitFor(async () => {
    const copy = await readFile(stand.directory.of('data/device-notes.json'), 'utf8')
    return copy.includes(text)
  }, SOON)

describe('notes of devices in a Redis that', () => {
  test('was flushed are put back within seconds', async () => {
    const notes = await open()
    await write(notes, 'core', 'key at the desk')
    await copied('core')
    await stand.server.redis.flushall()
    await waitFor(async () => (await textOf(notes, 'core')) === 'key at the desk', SOON)
  })

  test('was restored from an old file are as they were: what was removed since stays removed', async () => {
    const notes = await open()
    await write(notes, 'core', 'before')
    await write(notes, 'gone', 'x')
    await stand.server.backUp()
    await write(notes, 'gone', '')
    await write(notes, 'core', 'after')
    await copied('after')
    await stand.server.restore()
    await waitFor(async () => (await textOf(notes, 'core')) === 'after', SOON)
    expect(await textOf(notes, 'gone')).toBeNull()
  })

  test('lost everything while the API was down come from the copy in data_dir', async () => {
    const first = await open()
    await write(first, 'core', 'key at the desk')
    await copied('core')
    await first[Symbol.asyncDispose]()
    await stand.server.redis.flushall()
    const second = await open()
    expect(await textOf(second, 'core')).toBe('key at the desk')
  })
})
