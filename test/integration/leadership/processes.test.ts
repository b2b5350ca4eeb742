import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../../wait.ts'
import { type Stand, openStand } from './stand.ts'

const ONCE = ['firing', 'resolved']
/** From the crash until another one evaluates; the test looks a little later. */
const TAKEOVER_MS = 10_000

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  await Promise.all(stand.members.map((member) => member.start()))
}, 90_000)
afterAll(() => stand?.[Symbol.asyncDispose]())

/** A fencing token is a header of each message. */
const termsOf = (): number[] =>
  stand.receiver.requests.map(({ headers }) => Number(headers['x-wardline-term']))

// In this order: each begins with what the one before left.
describe('two instances of alerting, each a process of its own,', () => {
  test('of which one leads, says so, and answers for both', async () => {
    const { leader, other } = await stand.leader()
    expect(await leader.health()).toMatchObject({ status: 'healthy', role: 'leader' })
    expect(await other.health()).toMatchObject({
      status: 'healthy',
      role: 'standby',
      leader: { url: leader.url },
    })
    const rules = await (await fetch(`${other.url}/api/v1/rules`)).json()
    expect(rules).toMatchObject({
      status: 'success',
      data: { groups: expect.arrayContaining([expect.objectContaining({ name: 'availability' })]) },
    })
    const silence = {
      matchers: [{ name: 'device', value: 'none', isRegex: false }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 60_000).toISOString(),
      createdBy: 'ann',
      comment: 'on the one that stands by',
    }
    const posted = await fetch(`${other.url}/api/v2/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(silence),
    })
    expect(posted.status).toBe(200)
    await waitFor(async () => {
      const answer = await fetch(`${leader.url}/api/v2/silences`)
      return ((await answer.json()) as unknown[]).length === 1
    })
  })

  test('the leader is killed with -9 in an outage: the other leads within 10 s, tells nothing again, and the end once', async () => {
    const { leader, other } = await stand.leader()
    stand.set('one', false)
    await stand.toldOf('one', 1)
    stand.set('two', false)
    leader.signal('SIGKILL')
    const killedAt = performance.now()
    await waitFor(() => other.leads(), { timeoutMs: 15_000 })
    expect(performance.now() - killedAt).toBeLessThan(TAKEOVER_MS)
    await stand.toldOf('two', 1)
    stand.set('one', true)
    stand.set('two', true)
    await stand.toldOf('one', 2)
    await stand.toldOf('two', 2)
    expect([stand.told('one'), stand.told('two')]).toEqual([ONCE, ONCE])
    await leader.start()
    expect(await leader.health()).toMatchObject({ role: 'standby' })
  })

  test('the leader stands still for longer than its lease: it wakes up, tells nothing, and stands by', async () => {
    const { leader, other } = await stand.leader()
    stand.set('three', false)
    await stand.toldOf('three', 1)
    leader.signal('SIGSTOP')
    try {
      await waitFor(() => other.leads(), { timeoutMs: 15_000 })
      stand.set('three', true)
      stand.set('four', false)
      await stand.toldOf('three', 2)
      await stand.toldOf('four', 1)
      stand.set('four', true)
      await stand.toldOf('four', 2)
    } finally {
      leader.signal('SIGCONT')
    }
    await waitFor(async () => (await leader.health())['role'] === 'standby')
    await delay(1_000) // whatever it had in mind, it would have done by now
    expect([stand.told('three'), stand.told('four')]).toEqual([ONCE, ONCE])
    const terms = termsOf()
    expect(terms).toEqual(terms.toSorted((a, b) => a - b))
  })

  test('the leader is cut off from Redis: the other leads, the first stands by, and all is told once', async () => {
    const { leader, other } = await stand.leader()
    await leader.cut('redis')
    try {
      stand.set('one', false)
      await stand.toldOf('one', 3)
      await waitFor(async () => (await other.leads()) && !(await leader.leads()), {
        timeoutMs: 20_000,
      })
      stand.set('one', true)
      await stand.toldOf('one', 4)
    } finally {
      await leader.mend('redis')
    }
    expect(stand.told('one')).toEqual([...ONCE, ...ONCE])
    await waitFor(async () => {
      const { leader: known } = await leader.health()
      return (known as { url?: string } | null)?.url === other.url
    })
  })

  test('Redis is gone for both for longer than a lease: the leader goes on, and it is the same one afterwards', async () => {
    const { leader } = await stand.leader()
    const { token } = await leader.health()
    await Promise.all(stand.members.map((member) => member.cut('redis')))
    try {
      await delay(9_000)
      stand.set('two', false)
      await stand.toldOf('two', 3, 25_000)
    } finally {
      await Promise.all(stand.members.map((member) => member.mend('redis')))
    }
    await waitFor(async () => !('redis' in (await leader.health())), { timeoutMs: 15_000 })
    expect(await leader.health()).toMatchObject({ role: 'leader', token })
    stand.set('two', true)
    await stand.toldOf('two', 4)
    expect(stand.told('two')).toEqual([...ONCE, ...ONCE])
  })

  test('Redis is killed with -9 and comes back empty: the leader goes on under its token, and the other waits', async () => {
    const { leader } = await stand.leader()
    const { token } = await leader.health()
    const { redis } = stand.stores
    const { redis: pid } = stand.stores.pids()
    process.kill(pid ?? Number.NaN, 'SIGKILL')
    await waitFor(() => stand.stores.pids().redis !== pid)
    await waitFor(() => redis.flushall(), { timeoutMs: 15_000 })
    const kept = async (): Promise<string | null> => redis.hget('wardline:alerting:leader', 'token')
    expect(await waitFor(kept, { timeoutMs: 15_000 })).toBe(String(token))
    expect(await leader.leads()).toBe(true)
  })

  test('the leader ends by SIGTERM: the other leads at once', async () => {
    const { leader, other } = await stand.leader()
    leader.signal('SIGTERM')
    expect(await leader.exited()).toBe(0)
    const endedAt = performance.now()
    await waitFor(() => other.leads())
    expect(performance.now() - endedAt).toBeLessThan(3_000)
  })

  test('one alone is killed with -9 and started again: it knows its own lease and leads at once', async () => {
    const { leader } = await stand.leader()
    leader.signal('SIGKILL')
    await leader.exited()
    await leader.start()
    await waitFor(() => leader.leads(), { timeoutMs: 3_000 })
  })
})
