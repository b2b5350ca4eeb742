import { describe, expect, test } from 'vitest'
import { FORMER_LOG, readFormerLog } from '../../../alerting/notify/former-log.ts'
import { type LogEntry, emptyEntry } from '../../../alerting/notify/log-entry.ts'
import { type NotificationLog, createNotificationLog } from '../../../alerting/notify/log.ts'
import { rememberLog } from '../../../alerting/notify/remembered-log.ts'
import { systemClock } from '../../../lib/clock.ts'
import { createLog } from '../../../lib/log.ts'
import { watchRedis } from '../../../lib/redis/watch.ts'
import { waitFor } from '../../wait.ts'
import { connected } from './server.ts'
import { standForEach } from './stand.ts'

const log = createLog('silent')
const SOON = { timeoutMs: 30_000 }
const NO_METER = { beaten() {}, state() {}, lost() {}, memory() {} }

const stand = standForEach()

/** An alerting that leads, in the term of this token. */
async function lead(token: number): Promise<NotificationLog & AsyncDisposable> {
  const owned = new AsyncDisposableStack()
  const redis = owned.use(await connected(stand.server.url))
  const file = stand.directory.of(FORMER_LOG)
  const former = await readFormerLog(file)
  const known = former?.mark ?? null
  const watch = owned.use(watchRedis({ redis, meter: NO_METER, known, clock: systemClock, log }))
  const inner = createNotificationLog(redis, log)
  const deps = { inner, former, file, token, redis, watch, clock: systemClock, log }
  const remembered = owned.use(rememberLog(deps))
  await remembered.load('ops')
  stand.use(owned)
  return { ...remembered, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const told = (group: string, toldAt: number): LogEntry => ({
  ...emptyEntry({ group }, group),
  toldAt,
  ended: [{ key: group, startsAt: 1, at: toldAt }],
})
const save = (on: NotificationLog, group: string, toldAt = Date.now()): Promise<boolean> =>
  on.save('ops', group, told(group, toldAt), 0)
const inRedis = async (): Promise<string[]> =>
  [...(await createNotificationLog(stand.server.redis, log).load('ops')).keys()].sort()

describe('the notification log in a Redis that', () => {
  test('was flushed is written again from memory', async () => {
    const leader = await lead(1)
    await save(leader, 'a')
    await save(leader, 'b')
    await stand.server.redis.flushall()
    await waitFor(async () => (await inRedis()).join() === 'a,b', SOON)
  })

  test('was restored from an old file owes nobody what ended since', async () => {
    const leader = await lead(1)
    await save(leader, 'over')
    await stand.server.backUp()
    await leader.save('ops', 'over', emptyEntry({}, 'over'), 0)
    await save(leader, 'new')
    await stand.server.restore()
    await waitFor(async () => (await inRedis()).join() === 'new', SOON)
  })

  test('lost everything while alerting was down comes from the copy in data_dir', async () => {
    const first = await lead(1)
    await save(first, 'a')
    await first[Symbol.asyncDispose]()
    await stand.server.redis.flushall()
    await lead(2)
    await waitFor(async () => (await inRedis()).join() === 'a', SOON)
  })

  test('was restored from an old file while alerting was down is as it was last known', async () => {
    const first = await lead(1)
    await save(first, 'over')
    await stand.server.backUp()
    await first.save('ops', 'over', emptyEntry({}, 'over'), 0)
    await save(first, 'a')
    await first[Symbol.asyncDispose]()
    await stand.server.restore()
    await lead(2)
    await waitFor(async () => (await inRedis()).join() === 'a', SOON)
  })

  test('another instance led since is not filled from an older copy', async () => {
    const first = await lead(1)
    await save(first, 'stale')
    await first[Symbol.asyncDispose]()
    await stand.server.redis.flushall()
    const later = await lead(5)
    await save(later, 'new')
    expect(await inRedis()).toEqual(['new'])
  })
})
