import { expect, test } from 'vitest'
import { type Held, createHolds } from '../../../../alerting/availability/holds.ts'

const SECOND = 1_000
const T = Date.UTC(2026, 10, 22, 12)
const FROM = T - 600 * SECOND
const heldUntil =
  (...devices: readonly string[]) =>
  async (_: string, from: number): Promise<Held> => ({ devices: new Set(devices), until: from })
const own = heldUntil('a', 'b')
const nobody = heldUntil()

test('while nothing waits, everything counts', async () => {
  const holds = createHolds()
  await holds.hear(new Map(), T, own)
  expect([holds.horizon('a'), holds.release(T), holds.from]).toEqual([Infinity, Infinity, Infinity])
  expect(holds.words()).toEqual(new Map())
})

test('what is after the oldest sample that waits does not count, of the devices of that collector', async () => {
  const holds = createHolds()
  await holds.hear(new Map([['dc', FROM]]), T, own)
  expect([holds.horizon('a'), holds.horizon('other')]).toEqual([FROM, Infinity])
  expect(holds.release(T)).toBe(Infinity)
  expect(holds.words()).toEqual(new Map([['dc', FROM]]))
})

test('samples that came in meanwhile move nothing: all of it is read once it is whole', async () => {
  const holds = createHolds()
  await holds.hear(new Map([['dc', FROM]]), T, own)
  await holds.hear(new Map([['dc', FROM + 300 * SECOND]]), T + 10 * SECOND, own)
  expect(holds.horizon('a')).toBe(FROM)
  await holds.hear(new Map(), T + 12 * SECOND, own)
  expect(holds.horizon('a')).toBe(FROM)
  expect(holds.release(T + 14 * SECOND)).toBe(FROM)
  expect([holds.horizon('a'), holds.from]).toEqual([Infinity, Infinity])
})

test('after a minute what there is counts, and all of it once more when it is whole', async () => {
  const holds = createHolds()
  const waiting = new Map([['dc', FROM]])
  for (let second = 0; second < 60; second += 2) {
    await holds.hear(waiting, T + second * SECOND, own)
    expect(holds.release(T + second * SECOND)).toBe(Infinity)
  }
  expect(holds.release(T + 60 * SECOND)).toBe(FROM)
  await holds.hear(waiting, T + 60 * SECOND, own)
  expect([holds.horizon('a'), holds.from]).toEqual([Infinity, FROM])
  expect(holds.words()).toEqual(new Map([['dc', null]]))
  expect(holds.release(T + 62 * SECOND)).toBe(Infinity)
  await holds.hear(new Map(), T + 90 * SECOND, own)
  expect(holds.release(T + 92 * SECOND)).toBe(FROM)
})

test('of several collectors each device waits for its own, and for the oldest', async () => {
  const holds = createHolds()
  const heldBy = (vantage: string, from: number) =>
    (vantage === 'dc' ? heldUntil('a') : own)(vantage, from)
  const waiting = new Map([
    ['dc', FROM],
    ['north', FROM + SECOND],
  ])
  await holds.hear(waiting, T, heldBy)
  expect([holds.horizon('a'), holds.horizon('b')]).toEqual([FROM, FROM + SECOND])
  await holds.hear(new Map([['north', FROM + SECOND]]), T + 2 * SECOND, heldBy)
  expect(holds.release(T + 4 * SECOND)).toBe(FROM)
  expect([holds.horizon('a'), holds.horizon('b')]).toEqual([FROM + SECOND, FROM + SECOND])
})

test('one whose devices are known by others holds nothing back, and its samples are read when they are there', async () => {
  const holds = createHolds()
  await holds.hear(new Map([['dc', FROM]]), T, nobody)
  expect(holds.words()).toEqual(new Map([['dc', null]]))
  expect([holds.horizon('a'), holds.from]).toEqual([Infinity, FROM])
  await holds.hear(new Map(), T + 2 * SECOND, nobody)
  expect(holds.release(T + 4 * SECOND)).toBe(FROM)
})

test('one that is late again before that was looked at is late since the first time', async () => {
  const holds = createHolds()
  await holds.hear(new Map([['dc', FROM]]), T, own)
  await holds.hear(new Map(), T + 2 * SECOND, own)
  await holds.hear(new Map([['dc', T]]), T + 3 * SECOND, own)
  expect(holds.horizon('a')).toBe(FROM)
})

test('what is known already of what is sent again counts, and is read again all the same', async () => {
  const holds = createHolds()
  const until = FROM + 60 * SECOND
  await holds.hear(new Map([['dc', FROM]]), T, async () => ({ devices: new Set(['a']), until }))
  expect([holds.horizon('a'), holds.from]).toEqual([until, FROM])
  expect(holds.words()).toEqual(new Map([['dc', until]]))
  await holds.hear(new Map(), T + 2 * SECOND, nobody)
  expect(holds.release(T + 4 * SECOND)).toBe(FROM)
})
