import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../lib/clock.ts'
import type { DecisionError } from '../../../lib/decisions/decision-error.ts'
import { type Decisions, openDecisions } from '../../../lib/decisions/decisions.ts'
import type { Silence, SilenceDraft } from '../../../lib/decisions/silence.ts'
import { createDecisionStore } from '../../../lib/decisions/store.ts'
import { ALERTING_LEASE } from '../../../lib/lease.ts'
import { parseMatchers } from '../../../lib/matchers.ts'
import { connectRedis } from '../../../lib/redis.ts'
import { recordLog } from '../../fakes/log.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

const HOUR = 3_600_000
const clock = systemClock

let stores: Stores
let opened: AsyncDisposableStack
let lines: ReturnType<typeof recordLog>['lines']

beforeEach(async () => {
  opened = new AsyncDisposableStack()
  stores = opened.use(await startStores())
})
afterEach(() => opened.disposeAsync())

async function open(url = stores.redisUrl): Promise<Decisions> {
  const recorded = recordLog()
  lines = recorded.lines
  const redis = connectRedis(url, recorded.log)
  opened.defer(() => redis.disconnect())
  return opened.use(await openDecisions({ redis, clock, log: recorded.log }))
}

const draft = (given: Partial<SilenceDraft> = {}): SilenceDraft => ({
  matchers: parseMatchers('branch="Vake"'),
  endsAt: clock.now() + HOUR,
  createdBy: 'nino',
  comment: 'new roof',
  ...given,
})

const rejection = (reason: DecisionError['reason']): unknown =>
  expect.objectContaining({ name: 'DecisionError', reason })

const idsOf = (silences: readonly Silence[]): string[] => silences.map(({ id }) => id).sort()

describe('what people decided', () => {
  test('is in force at once where it was decided, and soon in every other process', async () => {
    const [here, there] = [await open(), await open()]
    const silence = await here.putSilence(draft())
    expect(here.current.silences).toEqual([silence])
    await waitFor(() => there.current.silences.length === 1, { timeoutMs: 3_000 })
    expect(there.current.silences).toEqual([silence])
  })

  test('survives a restart of wardline and of Redis (C11)', async () => {
    const first = await open()
    const silence = await first.putSilence(draft())
    const window = await first.putWindow({
      name: 'Backup',
      matchers: draft().matchers,
      schedule: {
        kind: 'recurring',
        cron: '0 2 * * 0',
        durationMs: HOUR,
        timeZone: 'Asia/Tbilisi',
      },
      createdBy: 'nino',
      comment: '',
    })
    const acknowledgement = await first.putAcknowledgement({
      id: '0123456789abcdef',
      labels: { alertname: 'DeviceDown', device: 'r1' },
      startsAt: clock.now() - HOUR,
      createdBy: 'nino',
      comment: 'on it',
      expiresAt: null,
      sticky: false,
    })
    await first[Symbol.asyncDispose]()
    const pid = stores.pids().redis ?? Number.NaN
    process.kill(pid, 'SIGTERM')
    await waitFor(() => stores.pids().redis !== pid && stores.redis.status === 'ready')
    const second = await open()
    await waitFor(() => second.current.silences.length > 0)
    expect(second.current).toEqual({
      silences: [silence],
      windows: [window],
      acknowledgements: [acknowledgement],
    })
  })

  test('stays in force while Redis is away, and is told once', async () => {
    const decisions = await open()
    const silence = await decisions.putSilence(draft())
    const pid = stores.pids().redis ?? Number.NaN
    process.kill(pid, 'SIGSTOP')
    await waitFor(() => lines.some(({ msg }) => msg.includes('stay as they were')), {
      timeoutMs: 15_000,
    })
    expect(decisions.current.silences).toEqual([silence])
    await expect(decisions.putSilence(draft())).rejects.toEqual(rejection('unavailable'))
    process.kill(pid, 'SIGCONT')
    await waitFor(() => lines.some(({ msg }) => msg.includes('read again')), { timeoutMs: 15_000 })
    expect(lines.filter(({ msg }) => msg.includes('stay as they were'))).toHaveLength(1)
  }, 40_000)

  test('is none at a start without Redis, and is read as soon as it is there', async () => {
    const silence = await (await open()).putSilence(draft())
    const pid = stores.pids().redis ?? Number.NaN
    process.kill(pid, 'SIGSTOP')
    const late = await open()
    expect(late.current.silences).toEqual([])
    expect(lines.some(({ msg }) => msg.includes('not known yet'))).toBe(true)
    process.kill(pid, 'SIGCONT')
    await waitFor(() => late.current.silences.length > 0, { timeoutMs: 15_000 })
    expect(late.current.silences).toEqual([silence])
  }, 40_000)

  test('never keeps a start waiting for a Redis that is nowhere', async () => {
    const startedAt = performance.now()
    const decisions = await open(`redis://127.0.0.1:${await freePort()}`)
    expect(performance.now() - startedAt).toBeLessThan(6_000)
    expect(decisions.current).toEqual({ silences: [], windows: [], acknowledgements: [] })
  })

  test('is seen without a message, too: what pub/sub lost is read within seconds', async () => {
    const decisions = await open()
    const text = JSON.stringify({ ...draft(), id: 's', startsAt: 1, updatedAt: 1 })
    await stores.redis
      .multi()
      .hset('wardline:decisions:silences', 's', text)
      .incr('wardline:decisions:version')
      .exec()
    await waitFor(() => decisions.current.silences.length === 1)
  })

  test('that makes no sense is named and left out: the rest is in force, and it can be removed', async () => {
    const good = await (await open()).putSilence(draft())
    await stores.redis.hset('wardline:decisions:silences', 'bad', '{"id":"bad"}')
    const decisions = await open()
    expect(decisions.current.silences).toEqual([good])
    expect(lines).toContainEqual(expect.objectContaining({ kind: 'silence', id: 'bad', level: 50 }))
    await decisions.expireSilence('bad', 'nino')
    expect(await stores.redis.hkeys('wardline:decisions:silences')).toEqual([good.id])
  })

  test('is forgotten when it is past its keeping', async () => {
    const text = JSON.stringify({ ...draft({ endsAt: 2 }), id: 'old', startsAt: 1, updatedAt: 1 })
    await stores.redis.hset('wardline:decisions:silences', 'old', text)
    const decisions = await open()
    expect(decisions.current.silences).toEqual([])
    expect(await stores.redis.hlen('wardline:decisions:silences')).toBe(0)
  })
})

describe('a silence', () => {
  test('keeps its id when its end or comment changes', async () => {
    const decisions = await open()
    const silence = await decisions.putSilence(draft())
    const endsAt = clock.now() + 2 * HOUR
    const edited = await decisions.putSilence(
      draft({ id: silence.id, startsAt: silence.startsAt, endsAt, comment: 'still raining' }),
    )
    expect(edited).toMatchObject({ id: silence.id, startsAt: silence.startsAt, endsAt })
    expect(decisions.current.silences).toEqual([edited])
  })

  test('with other matchers is another one, and the old one ends', async () => {
    const decisions = await open()
    const silence = await decisions.putSilence(draft())
    const other = await decisions.putSilence(
      draft({
        id: silence.id,
        startsAt: silence.startsAt,
        matchers: parseMatchers('branch="Gldani"'),
      }),
    )
    expect(other.id).not.toBe(silence.id)
    const old = decisions.current.silences.find(({ id }) => id === silence.id)
    expect(old?.endsAt).toBeLessThanOrEqual(clock.now())
    expect((await decisions.log()).map(({ what, id }) => [what, id])).toEqual([
      ['silence created', other.id],
      ['silence expired', silence.id],
      ['silence created', silence.id],
    ])
  })

  test.each([
    ['ends before it begins', { startsAt: clock.now() + 2 * HOUR }, 'invalid'],
    ['has ended', { startsAt: 1, endsAt: 2 }, 'invalid'],
    ['matches everything', { matchers: parseMatchers('a=~".*"') }, 'invalid'],
    ['has no matchers', { matchers: [] }, 'invalid'],
    ['has an id that nobody gave', { id: 'x' }, 'not-found'],
  ] as const)('that %s is refused, and nothing is kept', async (_, given, reason) => {
    const decisions = await open()
    await expect(decisions.putSilence(draft(given))).rejects.toEqual(rejection(reason))
    expect(await decisions.log()).toEqual([])
    expect(decisions.current.silences).toEqual([])
  })

  test('that ended stays as it was when it is ended again', async () => {
    const decisions = await open()
    const { id } = await decisions.putSilence(draft())
    await decisions.expireSilence(id, 'levan')
    const [ended] = decisions.current.silences
    await decisions.expireSilence(id, 'levan')
    expect(decisions.current.silences).toEqual([ended])
    expect(await decisions.log()).toHaveLength(2)
  })
})

describe('two who decide at once', () => {
  test('lose nothing: all that they added is there, each with its line in the log', async () => {
    const [one, other] = [await open(), await open()]
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? one : other).putSilence(draft())),
    )
    await one.refresh()
    expect(idsOf(one.current.silences)).toEqual(idsOf(made))
    expect((await one.log()).map(({ id }) => id).sort()).toEqual(idsOf(made))
  })

  test('with the same version before them: the second is told that it changed', async () => {
    const [one, other] = [await open(), await open()]
    const { id, startsAt, updatedAt } = await one.putSilence(draft())
    const edit = { id, startsAt, updatedFrom: updatedAt }
    await one.putSilence(draft({ ...edit, comment: 'first' }))
    await expect(other.putSilence(draft({ ...edit, comment: 'second' }))).rejects.toEqual(
      rejection('conflict'),
    )
    await other.refresh()
    expect(other.current.silences.map(({ comment }) => comment)).toEqual(['first'])
  })

  test('about the same silence end up with a log in which each change follows from the last', async () => {
    const [one, other] = [await open(), await open()]
    const { id, startsAt } = await one.putSilence(draft())
    await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) =>
        (i % 2 === 0 ? one : other).putSilence(draft({ id, startsAt, comment: `edit ${i}` })),
      ),
    )
    const changes = (await one.log()).toReversed()
    for (const [i, change] of changes.slice(1).entries())
      expect(change.before).toEqual(changes[i]?.after)
    await one.refresh()
    expect(changes.at(-1)?.after).toEqual(one.current.silences[0])
  })

  test('are written together or not at all', async () => {
    const store = createDecisionStore(stores.redis)
    const write = { kind: 'silence' as const, action: 'created' as const, after: { x: 1 } }
    const written = await store.write(
      [
        { ...write, id: 'a', before: null },
        { ...write, id: 'b', before: 'what it never was' },
      ],
      { who: 'nino', at: 1 },
    )
    expect(written).toBe('conflict')
    expect((await store.read()).entries.silence).toEqual({})
    expect(await store.changes({})).toEqual([])
  })
})

test('a write whose answer got lost is done once, though it comes twice', async () => {
  const store = createDecisionStore(stores.redis)
  const write = {
    kind: 'silence' as const,
    action: 'created' as const,
    id: 'a',
    before: null,
    after: { x: 1 },
  }
  const by = { who: 'nino', at: 1 }
  expect(await store.write([write], by)).toBe('done')
  expect(await store.write([write], by)).toBe('done')
  expect(await store.changes({})).toHaveLength(1)
  expect(await store.write([{ ...write, after: { x: 2 } }], by)).toBe('conflict')
})

test('what is in force is read from a Redis that takes no writes, however much is past its keeping', async () => {
  const writer = await open()
  const silence = await writer.putSilence(draft())
  const old = { ...silence, id: 'old', startsAt: 1_000, endsAt: 2_000 }
  await stores.redis.hset('wardline:decisions:silences', old.id, JSON.stringify(old))
  await stores.redis.config('SET', 'min-replicas-to-write', 1)
  const reader = await open()
  expect(reader.current.silences).toEqual([silence])
})

describe('acknowledgements', () => {
  const startsAt = 1_760_000_000_000
  const acknowledged = {
    id: '0123456789abcdef',
    labels: { device: 'r1' },
    startsAt,
    createdBy: 'nino',
    comment: 'on it',
    expiresAt: null,
    sticky: false,
  }

  test.each([
    ['ends with its occurrence', {}, startsAt, 0],
    ['stays when an earlier occurrence is said to be over', {}, startsAt - 60_000, 1],
    ['stays when it is sticky', { sticky: true, expiresAt: clock.now() + HOUR }, startsAt, 1],
  ])('one %s', async (_, given, endedAt, left) => {
    const decisions = await open()
    await decisions.putAcknowledgement({ ...acknowledged, ...given })
    await decisions.endAcknowledgements([
      { fingerprint: 'ffffffffffffffff', startsAt },
      { fingerprint: acknowledged.id, startsAt: endedAt },
    ])
    expect(decisions.current.acknowledgements).toHaveLength(left)
    const [last] = await decisions.log()
    expect(last).toMatchObject(
      left === 0 ? { who: 'wardline', what: 'acknowledgement removed' } : { who: 'nino' },
    )
  })
})

describe('an acknowledgement whose occurrence is said to be over by alerting', () => {
  const startsAt = clock.now() - 60_000
  const given = {
    id: '0123456789abcdef',
    labels: { device: 'r1' },
    startsAt,
    createdBy: 'nino',
    comment: 'on it',
    expiresAt: null,
    sticky: false,
  }
  const over = [{ fingerprint: given.id, startsAt }]

  test('stays where another instance leads by now, and goes with the one that leads', async () => {
    const decisions = await open()
    await decisions.putAcknowledgement(given)
    await stores.redis.set(ALERTING_LEASE.token, '8')

    await expect(decisions.endAcknowledgements(over, 7)).rejects.toThrow('another instance')
    await decisions.refresh()
    expect(decisions.current.acknowledgements).toHaveLength(1)

    await decisions.endAcknowledgements(over, 8)
    expect(decisions.current.acknowledgements).toEqual([])
  })
})

describe('the change log', () => {
  test('says who did what when, with what was before and after', async () => {
    const decisions = await open()
    const before = clock.now()
    const window = await decisions.putWindow({
      name: 'Backup',
      matchers: draft().matchers,
      schedule: { kind: 'once', startsAt: 1_000, endsAt: before },
      createdBy: 'nino',
      comment: 'past: the UPS was being changed',
    })
    await decisions.removeWindow(window.id, 'levan')
    const changes = await decisions.log({ kind: 'window' })
    expect(changes).toMatchObject([
      { who: 'levan', what: 'window removed', id: window.id, before: window, after: null },
      { who: 'nino', what: 'window created', id: window.id, before: null, after: window },
    ])
    expect(changes[0]?.at).toBeGreaterThanOrEqual(before)
    expect(await decisions.log({ who: 'nino', limit: 1 })).toHaveLength(1)
    expect(await decisions.log({ kind: 'silence' })).toEqual([])
    await expect(decisions.removeWindow(window.id, 'levan')).rejects.toEqual(rejection('not-found'))
  })
})
