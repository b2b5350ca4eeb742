import { describe, expect, test } from 'vitest'
import { type Sight, createSight } from '../../../../collector/blindness/sight.ts'

const T = Date.UTC(2026, 10, 22, 12)
const SECOND = 1_000
const MINUTE = 60_000
const GATEWAY = '192.0.2.1'
const RESOLVER = '192.0.2.53'

const all = (up: boolean, ...ids: string[]) => ids.map((id) => ({ id, up }))
const DEVICES = ['a', 'b', 'c', 'd']

/** A collector whose canaries and devices answered up to a second before T. */
function seeing({
  devices = DEVICES,
  canaries = [GATEWAY, RESOLVER],
}: { devices?: readonly string[]; canaries?: readonly string[] } = {}): Sight {
  const sight = createSight()
  sight.heard(T - 4 * SECOND, canaries)
  sight.probed(T - SECOND, all(true, ...devices))
  return sight
}

/** The same with its network lost at T. */
function blinded(): Sight {
  const sight = seeing()
  sight.probed(T, all(false, 'a', 'b'))
  sight.heard(T + 1_100, [])
  return sight
}

describe('the network is lost', () => {
  test('when most of a slot fell silent, and no canary answers: since that slot (C13)', () => {
    const sight = seeing()
    expect(sight.probed(T, all(false, 'a', 'b'))).toEqual({ is: 'doubt', at: T })
    expect(sight.heard(T + 1_100, [])).toEqual({ is: 'blind', at: T })
    expect(sight.blindSince).toBe(T)
  })

  test('also where a slot has one device', () => {
    const sight = seeing()
    expect(sight.probed(T, all(false, 'a'))).toEqual({ is: 'doubt', at: T })
    expect(sight.heard(T + 1_100, [])).toEqual({ is: 'blind', at: T })
  })

  test('since the first silent slot, however many follow before the canaries are heard', () => {
    const sight = seeing()
    sight.probed(T, all(false, 'a'))
    sight.probed(T + SECOND, all(false, 'b'))
    expect(sight.heard(T + 1_100, [])).toEqual({ is: 'blind', at: T })
  })

  test('whatever a slot comes in parts', () => {
    const sight = seeing()
    expect(sight.probed(T, all(true, 'd'))).toBeNull()
    expect(sight.probed(T, all(false, 'a'))).toBeNull()
    expect(sight.probed(T, all(false, 'b', 'c'))).toEqual({ is: 'doubt', at: T })
  })
})

describe('devices are down, and no more', () => {
  test('when one canary answers', () => {
    const sight = seeing()
    sight.probed(T, all(false, ...DEVICES))
    expect(sight.heard(T + 1_100, [RESOLVER])).toBeNull()
    expect(sight.blindSince).toBeNull()
    // Silent they are already, and say nothing new.
    expect(sight.probed(T + 10 * SECOND, all(false, ...DEVICES))).toBeNull()
  })

  test('when a canary answers that never did before', () => {
    const sight = seeing({ canaries: [RESOLVER] })
    sight.probed(T, all(false, ...DEVICES))
    expect(sight.heard(T + 1_100, [GATEWAY])).toBeNull()
    expect(sight.blindSince).toBeNull()
  })

  test('when half of them answer', () => {
    const sight = seeing()
    expect(sight.probed(T, [...all(false, 'a', 'b'), ...all(true, 'c', 'd')])).toBeNull()
  })

  test('when others answered since, by the time that the canaries were asked', () => {
    const sight = seeing()
    sight.probed(T, all(false, 'a'))
    sight.probed(T + SECOND, all(true, 'b', 'c'))
    expect(sight.heard(T + 1_100, [])).toBeNull()
    expect(sight.blindSince).toBeNull()
  })

  test('where no canary ever answered: what drops pings proves nothing', () => {
    const sight = seeing({ canaries: [] })
    expect(sight.probed(T, all(false, ...DEVICES))).toBeNull()
  })

  test('where the last answer of a canary is minutes old', () => {
    const sight = seeing()
    sight.probed(T + 6 * MINUTE, all(true, ...DEVICES))
    expect(sight.probed(T + 6 * MINUTE + SECOND, all(false, ...DEVICES))).toBeNull()
  })

  test('where none had answered before', () => {
    const sight = seeing({ devices: [] })
    expect(sight.probed(T, all(false, ...DEVICES))).toBeNull()
  })

  test('a question of before the doubt settles nothing', () => {
    const sight = seeing()
    sight.probed(T, all(false, ...DEVICES))
    expect(sight.heard(T - 100, [])).toBeNull()
    expect(sight.blindSince).toBeNull()
    expect(sight.heard(T + 1_100, [])).toEqual({ is: 'blind', at: T })
  })

  test('each doubt is settled by itself', () => {
    const sight = seeing()
    sight.probed(T, all(false, 'a'))
    sight.heard(T + 1_100, [GATEWAY])
    expect(sight.probed(T + 3 * SECOND, all(false, 'b'))).toEqual({ is: 'doubt', at: T + 3_000 })
    expect(sight.heard(T + 4_100, [])).toEqual({ is: 'blind', at: T + 3 * SECOND })
  })
})

describe('it sees again', () => {
  test('with the first canary that answers, as of the slot in which it was asked', () => {
    const sight = blinded()
    expect(sight.heard(T + 5 * SECOND, [])).toBeNull()
    expect(sight.heard(T + 6_020, [GATEWAY])).toEqual({ is: 'sees', at: T + 6 * SECOND })
    expect(sight.blindSince).toBeNull()
  })

  test('with a slot of which most answer, also when the canaries do not', () => {
    const sight = blinded()
    const halves = [...all(true, 'a'), ...all(false, 'b')]
    expect(sight.probed(T + 5 * SECOND, halves)).toBeNull()
    const most = [...all(true, 'a', 'c'), ...all(false, 'b')]
    expect(sight.probed(T + 6 * SECOND, most)).toEqual({ is: 'sees', at: T + 6 * SECOND })
  })

  test('with devices that answer while the canaries do not: those count no more, and outages are told', () => {
    const sight = blinded()
    sight.probed(T + 6 * SECOND, all(true, 'c', 'd'))
    expect(sight.canaries(T + 6 * SECOND)).toEqual([])
    expect(sight.probed(T + 7 * SECOND, all(false, 'a', 'b'))).toBeNull()
    expect(sight.heard(T + 8 * SECOND, [])).toBeNull()
    expect(sight.blindSince).toBeNull()
  })

  test('and a canary that is back then counts again', () => {
    const sight = blinded()
    sight.probed(T + 6 * SECOND, all(true, 'c', 'd'))
    sight.heard(T + 7 * SECOND, [GATEWAY])
    expect(sight.probed(T + 8 * SECOND, all(false, 'a', 'b'))).toEqual({
      is: 'doubt',
      at: T + 8_000,
    })
    expect(sight.heard(T + 9_100, [])).toEqual({ is: 'blind', at: T + 8 * SECOND })
  })

  test('not with an answer of before, which comes in late', () => {
    const sight = blinded()
    expect(sight.probed(T - SECOND, all(true, 'c', 'd'))).toBeNull()
    expect(sight.blindSince).toBe(T)
  })

  test('however long it lasted: canaries that counted go on to count', () => {
    const sight = blinded()
    const later = T + 60 * MINUTE
    expect(sight.canaries(T)).toEqual([GATEWAY, RESOLVER])
    expect(sight.heard(later, [RESOLVER])).toEqual({ is: 'sees', at: later })
  })

  test('and what is silent then is looked at anew', () => {
    const sight = blinded()
    sight.heard(T + 6 * SECOND, [GATEWAY])
    expect(sight.probed(T + 7 * SECOND, all(false, 'a'))).toEqual({ is: 'doubt', at: T + 7_000 })
    expect(sight.heard(T + 8_100, [])).toEqual({ is: 'blind', at: T + 7 * SECOND })
  })
})

test('a clock that is set back while it is blind: it is blind since what the clock says then', () => {
  const sight = blinded()
  const set = T - 60 * MINUTE
  expect(sight.heard(set + 700, [])).toBeNull()
  expect(sight.blindSince).toBe(set)
  expect(sight.probed(set + SECOND, all(false, 'a', 'b'))).toBeNull()
  expect(sight.heard(set + 2 * SECOND, [GATEWAY])).toEqual({ is: 'sees', at: set + 2 * SECOND })
})

describe('a blindness of before a restart', () => {
  test('goes on until most devices answer, whoever they are', () => {
    const sight = createSight()
    sight.resume(T)
    expect(sight.probed(T + 5 * SECOND, all(false, 'a', 'b'))).toBeNull()
    expect(sight.blindSince).toBe(T)
    const most = [...all(true, 'a', 'c'), ...all(false, 'b')]
    expect(sight.probed(T + 9 * SECOND, most)).toEqual({ is: 'sees', at: T + 9 * SECOND })
  })

  test('or a canary does', () => {
    const sight = createSight()
    sight.resume(T)
    expect(sight.heard(T + 9 * SECOND, [GATEWAY])).toEqual({ is: 'sees', at: T + 9 * SECOND })
  })
})

test('devices that are not probed any more count no more', () => {
  const sight = seeing()
  sight.retain({ has: (id) => id === 'd' })
  expect(sight.probed(T, all(false, 'a', 'b', 'c'))).toBeNull()
  expect(sight.probed(T, all(false, 'd'))).toEqual({ is: 'doubt', at: T })
})
