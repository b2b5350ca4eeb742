import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LEASE_MS } from '../../../lib/lease.ts'
import { waitFor } from '../../wait.ts'
import { type Stand, openStand } from './stand.ts'

const ONCE = ['firing', 'resolved']
/** From the crash until another one leads, by what that says of it: the test may look later. */
const TAKEOVER_MS = 10_000
/** Without Redis, or where a leader renews its lease and evaluates nothing, 30 s must have been silent. */
const SILENCE = { timeoutMs: 90_000 }
process.setMaxListeners(40) // all stores and instances end with this process

let opening: Promise<unknown> = Promise.resolve()

/** One pair after the other: eight processes that start at one time take a minute where two take five seconds. */
function openPair(): Promise<Stand> {
  const opened = opening.then(async () => {
    await using stack = new AsyncDisposableStack()
    const stand = stack.use(await openStand())
    await Promise.all(stand.members.map((member) => member.start()))
    stack.move()
    return stand
  })
  opening = opened.catch(() => {})
  return opened
}

/** A fencing token is a header of each message. */
const termsOf = ({ receiver }: Stand): number[] =>
  receiver.requests.map(({ headers }) => Number(headers['x-wardline-term']))

// Most of this is waiting, for leases that run out above all: four pairs, each over stores of its own, wait at one time.
// In each of them a test begins with what the one before it left.
const IN_TURN = { concurrent: false }

describe.concurrent(
  'two instances of alerting, each a process of its own,',
  { timeout: 180_000 },
  () => {
    let stand: Stand
    beforeAll(async () => {
      stand = await openPair()
    }, 240_000)
    afterAll(() => stand?.[Symbol.asyncDispose]())

    test('of which one leads, says so, and answers for both', IN_TURN, async () => {
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
        data: {
          groups: expect.arrayContaining([expect.objectContaining({ name: 'availability' })]),
        },
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
      await opening // what follows is measured
    })

    test(
      'the leader is killed with -9 in an outage: the other leads within 10 s, tells nothing again, and the end once',
      IN_TURN,
      async () => {
        const { leader, other } = await stand.leader()
        stand.set('one', false)
        await stand.toldOf('one', 1)
        stand.set('two', false)
        leader.signal('SIGKILL')
        const killedAt = performance.now()
        await waitFor(() => other.leads(), { timeoutMs: 30_000 })
        expect(performance.now() - killedAt).toBeLessThan(TAKEOVER_MS)
        await stand.toldOf('two', 1)
        stand.set('one', true)
        stand.set('two', true)
        await stand.toldOf('one', 2)
        await stand.toldOf('two', 2)
        expect([stand.told('one'), stand.told('two')]).toEqual([ONCE, ONCE])
        await leader.start()
        expect(await leader.health()).toMatchObject({ role: 'standby' })
      },
    )

    test(
      'the leader stands still for longer than its lease: it wakes up, tells nothing, and stands by',
      IN_TURN,
      async () => {
        const { leader, other } = await stand.leader()
        stand.set('three', false)
        await stand.toldOf('three', 1)
        leader.signal('SIGSTOP')
        try {
          await waitFor(() => other.leads(), { timeoutMs: 30_000 })
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
        const terms = termsOf(stand)
        expect(terms).toEqual(terms.toSorted((a, b) => a - b))
      },
    )

    test('the leader ends by SIGTERM: the other leads at once', IN_TURN, async () => {
      const { leader, other } = await stand.leader()
      leader.signal('SIGTERM')
      expect(await leader.exited()).toBe(0)
      const endedAt = performance.now()
      await waitFor(() => other.leads())
      expect(performance.now() - endedAt).toBeLessThan(3_000)
    })

    test(
      'one alone is killed with -9 and started again: it knows its own lease and leads at once',
      IN_TURN,
      async () => {
        const { leader } = await stand.leader()
        leader.signal('SIGKILL')
        await leader.exited()
        await leader.start()
        await waitFor(() => leader.leads(), { timeoutMs: 3_000 })
      },
    )
  },
)

describe.concurrent('two instances whose stores are cut off or lost:', { timeout: 180_000 }, () => {
  let stand: Stand
  beforeAll(async () => {
    stand = await openPair()
  }, 240_000)
  afterAll(() => stand?.[Symbol.asyncDispose]())

  test(
    'the leader is cut off from Redis: the other leads, the first stands by, and all is told once',
    IN_TURN,
    async () => {
      const { leader, other } = await stand.leader()
      await leader.cut('redis')
      try {
        stand.set('one', false)
        await stand.toldOf('one', 1)
        await waitFor(async () => (await other.leads()) && !(await leader.leads()), {
          timeoutMs: 20_000,
        })
        stand.set('one', true)
        await stand.toldOf('one', 2)
      } finally {
        await leader.mend('redis')
      }
      expect(stand.told('one')).toEqual(ONCE)
      await waitFor(async () => {
        const { leader: known } = await leader.health()
        return (known as { url?: string } | null)?.url === other.url
      })
    },
  )

  test(
    'Redis is killed with -9 and comes back empty: the leader goes on under its token, and the other waits',
    IN_TURN,
    async () => {
      const { leader } = await stand.leader()
      const { token } = await leader.health()
      const { redis } = stand.stores
      const { redis: pid } = stand.stores.pids()
      process.kill(pid ?? Number.NaN, 'SIGKILL')
      await waitFor(() => stand.stores.pids().redis !== pid)
      await waitFor(() => redis.flushall(), { timeoutMs: 30_000 })
      const kept = async (): Promise<string | null> =>
        redis.hget('wardline:alerting:leader', 'token')
      expect(await waitFor(kept, { timeoutMs: 30_000 })).toBe(String(token))
      expect(await leader.leads()).toBe(true)
    },
  )

  test(
    'the leader can reach neither Redis nor VictoriaMetrics: the other leads; what goes wrong meanwhile is told once, by it',
    IN_TURN,
    async () => {
      const { leader, other } = await stand.leader()
      await leader.cut('redis')
      await leader.cut('victoriametrics')
      try {
        await waitFor(() => other.leads(), { timeoutMs: 30_000 })
        stand.set('two', false)
        await stand.toldOf('two', 1)
      } finally {
        await leader.mend('victoriametrics')
        await leader.mend('redis')
      }
      await waitFor(async () => !(await leader.leads()), { timeoutMs: 30_000 })
      stand.set('two', true)
      await stand.toldOf('two', 2)
      expect(stand.told('two')).toEqual(ONCE)
      expect(await other.leads()).toBe(true)
    },
  )

  test(
    'both stores are gone for both for longer than a lease: the leader goes on, and what was decided before is told, once',
    IN_TURN,
    async () => {
      const { leader } = await stand.leader()
      const { token } = await leader.health()
      const links = ['redis', 'victoriametrics'] as const
      const each = links.flatMap((link) => stand.members.map((member) => ({ member, link })))
      stand.receiver.behave(503)
      stand.set('three', false)
      await waitFor(() => stand.receiver.requests.some(({ status }) => status === 503), {
        timeoutMs: 30_000,
      })
      await Promise.all(each.map(({ member, link }) => member.cut(link)))
      try {
        await delay(LEASE_MS + 1_000)
        stand.receiver.behave(200)
        await stand.toldOf('three', 1, 60_000)
      } finally {
        await Promise.all(each.map(({ member, link }) => member.mend(link)))
      }
      await waitFor(async () => !('redis' in (await leader.health())), { timeoutMs: 30_000 })
      expect(await leader.health()).toMatchObject({ role: 'leader', token })
      stand.set('three', true)
      await stand.toldOf('three', 2)
      expect(stand.told('three')).toEqual(ONCE)
    },
  )
})

describe.concurrent('an instance that stands by', { timeout: 180_000 }, () => {
  let stand: Stand
  beforeAll(async () => {
    stand = await openPair()
  }, 240_000)
  afterAll(() => stand?.[Symbol.asyncDispose]())

  test(
    'takes the lease from a leader that can reach Redis and not VictoriaMetrics, once; what began meanwhile is told once',
    IN_TURN,
    async () => {
      const { leader, other } = await stand.leader()
      stand.set('one', false)
      await stand.toldOf('one', 1)
      await leader.cut('victoriametrics')
      try {
        stand.set('two', false)
        await waitFor(async () => (await other.leads()) && !(await leader.leads()), SILENCE)
        await stand.toldOf('two', 1)
      } finally {
        await leader.mend('victoriametrics')
      }
      stand.set('one', true)
      stand.set('two', true)
      await stand.toldOf('one', 2)
      await stand.toldOf('two', 2)
      expect([stand.told('one'), stand.told('two')]).toEqual([ONCE, ONCE])
      expect(await other.leads()).toBe(true)
    },
  )
})

describe.concurrent('two instances without Redis:', { timeout: 180_000 }, () => {
  let stand: Stand
  beforeAll(async () => {
    stand = await openPair()
  }, 240_000)
  afterAll(() => stand?.[Symbol.asyncDispose]())

  test(
    'it is gone for longer than a lease: the leader goes on under its token',
    IN_TURN,
    async () => {
      const { leader } = await stand.leader()
      const { token } = await leader.health()
      await Promise.all(stand.members.map((member) => member.cut('redis')))
      await delay(LEASE_MS + 1_000)
      stand.set('two', false)
      await stand.toldOf('two', 1, 25_000)
      expect(await leader.health()).toMatchObject({ role: 'leader', token, redis: 'away' })
    },
  )

  test(
    'then the leader is killed: the other leads without it, and when that is back it is the only one',
    IN_TURN,
    async () => {
      const { leader, other } = await stand.leader()
      const { token } = await leader.health()
      leader.signal('SIGKILL')
      try {
        await waitFor(() => other.leads(), SILENCE)
        const { token: next } = await other.health()
        expect(Number(next)).toBeGreaterThan(Number(token))
        // What was told while Redis was away isn't in the log: it is told again, under its key.
        await waitFor(() => termsOf(stand).includes(Number(next)), { timeoutMs: 60_000 })
        stand.set('two', true)
        await stand.toldOf('two', 2, 60_000)
      } finally {
        await Promise.all(stand.members.map((member) => member.mend('redis')))
      }
      await waitFor(async () => !('redis' in (await other.health())), { timeoutMs: 30_000 })
      await leader.start()
      await waitFor(async () => {
        const { leader: known } = await leader.health()
        return (known as { url?: string } | null)?.url === other.url
      })
      expect(await other.leads()).toBe(true)
      expect(stand.told('two')).toEqual(ONCE)
    },
  )
})
