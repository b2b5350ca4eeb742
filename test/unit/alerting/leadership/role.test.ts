import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ALONE_MS,
  type Role,
  afterAnswer,
  afterFailure,
  afterLook,
  claimOf,
  mayAct,
  standingBy,
} from '../../../../alerting/leadership/role.ts'
import { createRandom } from '../../../../lab/random.ts'
import { LEASE_MS } from '../../../../lib/lease.ts'
import { SEED } from '../../../seed.ts'
import { type Fault, SILENT_MS, createWorld } from './world.ts'

const TERMS = { instance: 'a', silentMs: SILENT_MS, formerTokens: new Set<number>() }
const sight = (tokens: Record<string, number>, stamp: number | null = 1) => ({
  tokens: new Map(Object.entries(tokens)),
  stamp,
})
const other = (token: number) => ({ instance: 'b', url: 'http://b', token, since: 0 })
const leading = (token = 5): Role => afterAnswer(standingBy, { granted: true, token }, 1_000, 1_020)

describe('an instance that leads', () => {
  test('may act for less than the lease lasts, from before it was asked for', () => {
    expect(mayAct(leading(), 1_000 + LEASE_MS - 501)).toBe(true)
    expect(mayAct(leading(), 1_000 + LEASE_MS - 500)).toBe(false)
  })

  test('leads no more once Redis says that another one does', () => {
    const answer = { granted: false, leader: other(6), leftMs: 4_000, highest: 6 } as const
    expect(afterAnswer(leading(), answer, 9_000, 9_010)).toMatchObject({
      token: null,
      leader: other(6),
      respectUntil: 13_010,
      highest: 6,
    })
  })

  test('goes on while Redis is away, as long as it looks at VictoriaMetrics and sees no other', () => {
    const alone = afterFailure(leading())
    const looked = afterLook(alone, sight({ a: 5, b: 0 }), TERMS, 20_000, 20_100)
    expect([mayAct(looked, 20_000 + ALONE_MS - 1), mayAct(looked, 20_000 + ALONE_MS)]).toEqual([
      true,
      false,
    ])
  })

  test('goes on while both are away: a problem told twice is better than one told to nobody', () => {
    expect(mayAct(afterLook(afterFailure(leading()), null, TERMS, 20_000, 20_100), 20_200)).toBe(
      true,
    )
  })

  test.each([
    ['a higher token', { b: 6 }, 'a', null],
    ['a token of long ago', { b: 4 }, 'a', 5],
    ['the same token, under a name after its own', { b: 5 }, 'a', null],
    ['the same token, under a name before its own', { a: 5 }, 'b', 5],
  ])('that is cut off from Redis sees %s', (_, tokens, instance, token) => {
    const role = afterFailure(leading())
    const after = afterLook(role, sight(tokens), { ...TERMS, instance }, 20_000, 20_100)
    expect(after.token).toBe(token)
  })
})

describe('an instance that stands by', () => {
  test('takes a lease that is not there, but not one that it saw and that Redis forgot', () => {
    expect(claimOf(standingBy, TERMS, 0).ifAbsent).toBe(true)
    const seen = { granted: false, leader: other(5), leftMs: 6_000, highest: 5 } as const
    const role = afterAnswer(standingBy, seen, 1_000, 1_010)
    expect(claimOf(role, TERMS, 7_009).ifAbsent).toBe(false)
    expect(claimOf(role, TERMS, 7_010)).toEqual({
      held: null,
      highest: 5,
      ifAbsent: true,
      force: false,
    })
  })

  test('leaves the first word to the leader when Redis is back', () => {
    const away = afterFailure(standingBy)
    expect(claimOf(away, TERMS, 50_000).ifAbsent).toBe(false)
    const back = { granted: false, leader: null, leftMs: 0, highest: 5 } as const
    const role = afterAnswer(away, back, 50_000, 50_010)
    expect(claimOf(role, TERMS, 50_009 + LEASE_MS).ifAbsent).toBe(false)
    expect(claimOf(role, TERMS, 50_010 + LEASE_MS).ifAbsent).toBe(true)
  })

  /** Looks every second from `from` on, at an evaluation that doesn't move. */
  function watch(role: Role, from: number, to: number): Role {
    let watched = role
    for (let at = from; at <= to; at += 1_000)
      watched = afterLook(watched, sight({ b: 5 }, 77), TERMS, at, at)
    return watched
  }

  test('leads without Redis once evaluations were silent for 30 s, with a token of its own', () => {
    const away = afterFailure(standingBy)
    expect(watch(away, 0, SILENT_MS - 1_000).token).toBeNull()
    expect(watch(away, 0, SILENT_MS).token).toBe(6)
  })

  test('that could not look for a while has seen no silence meanwhile', () => {
    const before = watch(afterFailure(standingBy), 0, 20_000)
    expect(watch(before, 40_000, 60_000).token).toBeNull()
    const unseen = afterLook(before, null, TERMS, 20_500, 20_500)
    expect(watch(unseen, 21_000, 40_000).token).toBeNull()
  })

  test('takes the lease from a leader that holds it and evaluates nothing, once for each silence', () => {
    const seen = { granted: false, leader: other(5), leftMs: 6_000, highest: 5 } as const
    const watched = watch(afterAnswer(standingBy, seen, 0, 10), 1_000, SILENT_MS + 1_000)
    const now = SILENT_MS + 1_500
    expect(watched.token).toBeNull()
    expect(claimOf(watched, TERMS, now).force).toBe(true)
    const leads = afterAnswer(watched, { granted: true, token: 6 }, now, now)
    const stands = afterAnswer(leads, { ...seen, leader: other(7) }, now + 2_000, now + 2_000)
    const again = watch(stands, now + 3_000, now + 3_000 + 2 * SILENT_MS)
    expect(claimOf(again, TERMS, now + 4_000 + 2 * SILENT_MS).force).toBe(false)
  })

  test('goes on at once where the leader was a process of its own that is dead', () => {
    const former = { ...TERMS, formerTokens: new Set([5]) }
    const away = afterFailure(standingBy)
    expect(afterLook(away, sight({ a: 5 }), former, 0, 0).token).toBe(6)
    expect(afterLook(away, sight({ a: 5, b: 6 }), former, 0, 0).token).toBeNull()
  })
})

const MINUTE = 60_000
const FAULTY_MS = 3 * MINUTE
/** Redis may come back just before the end, and what was silent must be seen to be so. */
const WELL_MS = 2 * MINUTE

const fault = (count: number): fc.Arbitrary<Fault> =>
  fc.record({
    at: fc.integer({ min: 0, max: FAULTY_MS / 50 }).map((step) => step * 50),
    ms: fc.integer({ min: 50, max: 40_000 }),
    what: fc.constantFrom('freeze', 'redis', 'victoriametrics', 'lose answers', 'kill', 'end'),
    who: fc.nat({ max: count - 1 }),
  })

const numRuns = Number(process.env['RUNS'] ?? 60)

describe('two or three instances, with clocks that do not run alike, through freezes, deaths, lost answers and partitions', () => {
  test(
    `never act at the same time beyond what one that is cut off can't know; tokens grow; in the end one leads; seed ${SEED}`,
    { timeout: 120_000 },
    () => {
      const history = fc
        .integer({ min: 2, max: 3 })
        .chain((count) =>
          fc.tuple(fc.constant(count), fc.array(fault(count), { maxLength: 12 }), fc.string()),
        )
      fc.assert(
        fc.property(history, ([count, faults, luck]) => {
          const world = createWorld(count, faults, createRandom(luck))
          world.run(FAULTY_MS + 40_000 + WELL_MS)
          expect(world.problems).toEqual([])
          expect(world.acting()).toHaveLength(1)
          const terms = world.terms.length
          world.run(FAULTY_MS + 40_000 + 2 * WELL_MS)
          expect(world.terms.length).toBe(terms)
        }),
        { numRuns },
      )
    },
  )

  test('a crash is taken over from within the lease, an end within a look', () => {
    const crash: Fault = { at: MINUTE, ms: 0, what: 'kill', who: 0 }
    for (const [what, withinMs] of [
      ['freeze', LEASE_MS + 500],
      ['end', 1_700],
    ] as const) {
      const faults = [0, 1].map((who) => ({ ...crash, what, who, ms: 20_000 }))
      const alone = createWorld(2, [], createRandom(what), { slowMs: 30 })
      alone.run(MINUTE)
      const first = Number(alone.acting()[0]?.slice(1))
      const world = createWorld(2, faults.slice(first, first + 1), createRandom(what), {
        slowMs: 30,
      })
      world.run(MINUTE + 20_000)
      const [before, next] = world.terms
      expect(world.problems).toEqual([])
      expect(next?.name === before?.name && what === 'freeze').toBe(false)
      expect((next?.at ?? Infinity) - MINUTE).toBeLessThan(withinMs)
    }
  })

  test('an emptied Redis hands out no token twice', () => {
    const forgets = [20, 40, 60].map((seconds): Fault => ({
      at: seconds * 1_000,
      ms: 0,
      what: 'forget',
      who: 0,
    }))
    // One that begins in the two seconds until the leader renews its lease would take it.
    const killed: Fault = { at: 42_500, ms: 0, what: 'kill', who: 1 }
    const world = createWorld(3, [...forgets, killed], createRandom('forgets'))
    world.run(2 * MINUTE)
    expect(world.problems).toEqual([])
    expect(world.acting()).toHaveLength(1)
  })
})
