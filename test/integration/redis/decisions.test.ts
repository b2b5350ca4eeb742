import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../lib/clock.ts'
import { type Decisions, openDecisions } from '../../../lib/decisions/decisions.ts'
import type { SilenceDraft } from '../../../lib/decisions/silence.ts'
import { recordLog } from '../../fakes/log.ts'
import { waitFor } from '../../wait.ts'
import { standForEach } from './stand.ts'

const stand = standForEach()

/** A service of its own, with a folder of its own unless told. */
async function open(dataDir: string | null = null): Promise<Decisions> {
  const redis = await stand.connect()
  const { log } = stand.recorded
  return stand.use(await openDecisions({ redis, dataDir, clock: systemClock, log }))
}

const draft = (comment: string): SilenceDraft => ({
  matchers: [{ name: 'device', value: comment, isRegex: false, isEqual: true }],
  endsAt: Date.now() + 3_600_000,
  createdBy: 'nino',
  comment,
})
const comments = ({ current }: Decisions): string[] =>
  current.silences.map(({ comment }) => comment).sort()
const inRedis = async (): Promise<string[]> =>
  Object.values(await stand.server.redis.hgetall('wardline:decisions:silences'))
    .map((text) => (JSON.parse(text) as { comment: string }).comment)
    .sort()

const SOON = { timeoutMs: 30_000 }

describe('decisions in a Redis that', () => {
  test('was flushed stay in force, and are put back within seconds', async () => {
    const decisions = await open()
    await decisions.putSilence(draft('a'))
    await stand.server.redis.flushall()
    await waitFor(async () => (await inRedis()).join() === 'a', SOON)
    expect(comments(decisions)).toEqual(['a'])
    expect(stand.recorded.lines.map(({ msg }) => msg).join()).toContain('they are put back')
    const [line] = await stand.server.redis.xrange('wardline:audit', '-', '+')
    expect(line?.[1]).toEqual(expect.arrayContaining(['redis repaired', 'decisions']))
  })

  test('was restored from an old file are as they were last known: what was removed since stays removed', async () => {
    const decisions = await open()
    await decisions.putWindow({
      name: 'removed since',
      matchers: draft('x').matchers,
      schedule: { kind: 'once', startsAt: 1, endsAt: Date.now() + 3_600_000 },
      createdBy: 'nino',
      comment: '',
    })
    const changed = await decisions.putSilence(draft('before'))
    await stand.server.backUp()
    await decisions.removeWindow(decisions.current.windows[0]?.id ?? '', 'nino')
    await decisions.putSilence({
      ...draft('after'),
      id: changed.id,
      matchers: changed.matchers,
      startsAt: changed.startsAt,
    })
    await decisions.putSilence(draft('new'))
    const known = comments(decisions)

    await stand.server.restore()
    await waitFor(async () => (await inRedis()).includes('new'), SOON)
    await decisions.refresh()
    expect(await stand.server.redis.hlen('wardline:decisions:windows')).toBe(0)
    expect(comments(decisions)).toEqual(known)
    expect(known).toEqual(expect.arrayContaining(['after', 'new']))
  })

  test('was flushed keep what somebody decided before they were put back', async () => {
    const decisions = await open()
    await decisions.putSilence(draft('known'))
    const silence = { ...draft('meanwhile'), id: 'x', startsAt: 1, updatedAt: Date.now() + 1 }
    // At once: the services look every few seconds.
    await stand.server.redis
      .multi()
      .flushall()
      .hset('wardline:decisions:silences', 'x', JSON.stringify(silence))
      .set('wardline:decisions:version', '1')
      .exec()
    await waitFor(async () => (await inRedis()).length === 2, SOON)
    await waitFor(() => comments(decisions).join() === 'known,meanwhile', SOON)
  })

  test('lost everything while nobody ran come from the copy in data_dir', async () => {
    const dataDir = stand.directory.of('data')
    const first = await open(dataDir)
    await first.putSilence(draft('a'))
    await first[Symbol.asyncDispose]()
    await stand.server.redis.flushall()
    expect(comments(await open(dataDir))).toEqual(['a'])
    expect(await inRedis()).toEqual(['a'])
  })

  test('can not be asked at a start are those of the copy', async () => {
    const dataDir = stand.directory.of('data')
    await (await open(dataDir)).putSilence(draft('a'))
    const redis = await stand.connect()
    await stand.server.kill()
    const log = recordLog().log
    const second = stand.use(await openDecisions({ redis, dataDir, clock: systemClock, log }))
    expect(comments(second)).toEqual(['a'])
  })

  test('are not taken from a copy that was changed', async () => {
    const dataDir = stand.directory.of('data')
    const first = await open(dataDir)
    await first.putSilence(draft('a'))
    await first[Symbol.asyncDispose]()
    const path = join(dataDir, 'decisions.json')
    await writeFile(path, (await readFile(path, 'utf8')).replace('nino', 'nobo'))
    await stand.server.redis.flushall()
    expect(comments(await open(dataDir))).toEqual([])
  })

  test('one service knew more of than another are as the one knew them, whoever came first', async () => {
    const stale = stand.directory.of('stale')
    const first = await open(stale)
    const gone = await first.putSilence(draft('gone'))
    await first[Symbol.asyncDispose]()
    const fresh = stand.directory.of('fresh')
    const second = await open(fresh)
    await second.expireSilence(gone.id, 'nino')
    await second.putSilence(draft('new'))
    await second[Symbol.asyncDispose]()
    await stand.server.redis.flushall()

    const one = await open(stale)
    const other = await open(fresh)
    await waitFor(() => comments(one).includes('new'), SOON)
    const ends = one.current.silences.find(({ id }) => id === gone.id)?.endsAt ?? Infinity
    expect(ends).toBeLessThanOrEqual(Date.now())
    expect(comments(other)).toEqual(comments(one))
  })
})
