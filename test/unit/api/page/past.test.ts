import { describe, expect, test } from 'vitest'
import { type Fleet, device } from './modules.ts'

type Shown = { at: number; fleet: Fleet; stats: unknown; error: Error | null }
const { readAt, writeAt, asOf, createPast } = (await import(
  new URL('../../../../api/page/core/past.js', import.meta.url).href
)) as {
  readAt(query: URLSearchParams, now: number): number | null
  writeAt(ms: number): string
  asOf(app: { at: number | null }, path: string): string
  createPast(parts: { get(path: string): Promise<unknown>; changed(): void }): {
    shown: Shown | null
    look(at: number | null): void
    again(): void
  }
}
const now = Date.parse('2026-11-22T10:00:00Z')
const nine = Date.parse('2026-11-22T09:00:00Z')

test.each([
  ['', null],
  ['at=2026-11-22T09:00:00Z', nine],
  ['at=2026-11-22T13:00%2B04:00', nine],
  ['at=2026-11-22T13:00+04:00', nine],
  ['at=2026-11-22T09:00:00.900Z', nine],
  [`at=${nine / 1000}`, nine],
  ['at=2026-11-22T10:00:01Z', NaN],
  ['at=2026-11-22T09:00:00', NaN],
  ['at=yesterday', NaN],
  ['at=', NaN],
])('?%s asks for %s', (query, expected) => {
  expect(readAt(new URLSearchParams(query), now)).toBe(expected)
})

test('a path of the API is asked at the instant that is looked at', () => {
  expect(asOf({ at: null }, '/a')).toBe('/a')
  expect(asOf({ at: nine }, '/a')).toBe('/a?at=2026-11-22T09:00:00Z')
  expect(asOf({ at: nine }, '/a?b=c')).toBe('/a?b=c&at=2026-11-22T09:00:00Z')
  expect(writeAt(nine)).toBe('2026-11-22T09:00:00Z')
})

describe('what is looked at', () => {
  const answers: Record<string, unknown> = {
    '/api/v1/devices?at=2026-11-22T09:00:00Z': [device('old')],
    '/api/v1/dashboard/stats?at=2026-11-22T09:00:00Z': { as_of: '2026-11-22T09:00:00Z' },
  }
  const answered = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    return { promise, changed: resolve }
  }

  test('is the fleet of then with its figures, and nothing once one is back', async () => {
    const { promise, changed } = answered()
    const past = createPast({ get: async (path) => answers[path], changed })
    past.look(nine)
    expect(past.shown?.fleet.isLoaded).toBe(false)
    await promise

    expect([...(past.shown?.fleet.devices.keys() ?? [])]).toEqual(['old'])
    expect(past.shown?.stats).toEqual({ as_of: '2026-11-22T09:00:00Z' })
    past.look(null)
    expect(past.shown).toBeNull()
  })

  test('says why where there is no answer, and is asked again', async () => {
    let { promise, changed } = answered()
    let isAway = true
    const past = createPast({
      async get(path) {
        if (isAway) throw new Error('away')
        return answers[path]
      },
      changed: () => changed(),
    })
    past.look(nine)
    await promise
    expect(past.shown?.error?.message).toBe('away')
    ;({ promise, changed } = answered())
    isAway = false
    past.again()
    await promise

    expect(past.shown?.error).toBeNull()
    expect(past.shown?.fleet.isLoaded).toBe(true)
  })

  test('an answer about an instant that one has left is passed over', async () => {
    const later = Promise.withResolvers<unknown>()
    let told = 0
    const past = createPast({ get: () => later.promise, changed: () => told++ })
    past.look(nine)
    past.look(null)
    later.resolve([])
    await later.promise
    await Promise.resolve()

    expect(told).toBe(0)
  })
})
