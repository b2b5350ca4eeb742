import { beforeEach, describe, expect, test } from 'vitest'
import { type Burst, createBurst } from '../../../../collector/ping/burst.ts'

let burst: Burst
beforeEach(() => {
  burst = createBurst()
})

/** A burst's probes, as seconds, when every slot from `from` to `to` is taken. */
const probes = (id: string, from: number, to: number): number[] => {
  const taken: number[] = []
  for (let second = from; second <= to; second++)
    if (burst.take(second * 1000).includes(id)) taken.push(second)
  return taken
}

describe('the confirm burst', () => {
  test('starts with the first failed probe after a success: 3 more, a second apart', () => {
    burst.observe('a', true, 100_200, 3)
    burst.observe('a', false, 111_200, 3)
    expect(probes('a', 111, 130)).toEqual([112, 113, 114])
  })

  test('starts with a first probe ever that fails', () => {
    burst.observe('a', false, 111_200, 3)
    expect(probes('a', 111, 130)).toEqual([112, 113, 114])
  })

  test.each([
    [1, 3],
    [3, 3],
    [4, 3],
    [6, 5],
    [20, 19],
  ])('confirm %i needs %i more probes', (confirm, more) => {
    burst.observe('a', false, 0, confirm)
    expect(probes('a', 0, 40)).toHaveLength(more)
  })

  test('goes on, and does not start again, while its probes fail', () => {
    burst.observe('a', false, 1_200, 3)
    const taken: number[] = []
    for (let second = 2; second < 20; second++) {
      if (!burst.take(second * 1000).includes('a')) continue
      taken.push(second)
      burst.observe('a', false, second * 1000 + 900, 3)
    }
    expect(taken).toEqual([2, 3, 4])
  })

  test('ends at once with a success', () => {
    burst.observe('a', false, 1_200, 3)
    expect(burst.take(2_000)).toEqual(['a'])
    burst.observe('a', true, 2_010, 3)
    expect(probes('a', 3, 20)).toEqual([])
  })

  test('starts anew when a device fails again after it answered', () => {
    burst.observe('a', false, 1_200, 3)
    burst.observe('a', true, 2_000, 3)
    burst.observe('a', false, 5_200, 3)
    expect(probes('a', 5, 20)).toEqual([6, 7, 8])
  })

  test('is one for each device', () => {
    burst.observe('a', false, 1_200, 3)
    burst.observe('b', false, 1_200, 3)
    burst.observe('b', true, 1_900, 3)
    expect(burst.take(2_000)).toEqual(['a'])
  })

  test('skips slots that were overrun without making up for them', () => {
    burst.observe('a', false, 1_200, 3)
    expect(burst.take(3_600_000)).toEqual(['a'])
    expect(burst.take(3_600_000)).toEqual([])
    expect(probes('a', 3_601, 3_700)).toEqual([3_601, 3_602])
  })

  test('goes on when the clock was set back', () => {
    burst.observe('a', false, 7_200_000, 3)
    expect(probes('a', 10, 20)).toEqual([10, 11, 12])
  })
})

describe('an outcome', () => {
  test.each([
    ['that is the first', [true], ['changed']],
    ['that is the first, and a failure', [false], ['changed']],
    ['like the one before', [true, true, true], ['changed', 'same', 'same']],
    ['unlike the one before', [true, false, true], ['changed', 'changed', 'changed']],
  ])('%s', (_, outcomes, meanings) => {
    expect(outcomes.map((up, at) => burst.observe('a', up, at * 1000, 3))).toEqual(meanings)
  })

  test.each([
    [1, 3],
    [3, 3],
    [6, 5],
  ])(
    'of a failed probe may confirm, with confirm %i, up to %i probes after the first',
    (confirm, more) => {
      const outcomes = Array.from({ length: 10 }, (_, at) =>
        burst.observe('a', false, at * 1000, confirm),
      )
      expect(outcomes).toEqual([
        'changed',
        ...Array<string>(more).fill('confirming'),
        ...Array<string>(9 - more).fill('same'),
      ])
    },
  )
})

test('a device is failing from a failed probe to the next that is answered', () => {
  const seen = [burst.isFailing('a')]
  for (const up of [false, false, true, false]) {
    burst.observe('a', up, 0, 3)
    seen.push(burst.isFailing('a'))
  }
  expect(seen).toEqual([false, true, true, false, true])
})

describe('a request', () => {
  test('is one probe in the next slot', () => {
    burst.request('parent', 1_200)
    expect(probes('parent', 1, 20)).toEqual([2])
  })

  test('by many children at once is one probe still', () => {
    for (const at of [1_200, 1_210, 1_900]) burst.request('parent', at)
    expect(probes('parent', 1, 20)).toEqual([2])
  })

  test('adds nothing to a burst that is on', () => {
    burst.observe('parent', false, 1_200, 3)
    burst.request('parent', 1_300)
    expect(probes('parent', 1, 20)).toEqual([2, 3, 4])
  })
})

describe('devices that left', () => {
  test('are probed no more', () => {
    burst.observe('a', false, 1_200, 3)
    burst.observe('b', false, 1_200, 3)
    burst.retain(new Set(['b']))
    expect(burst.take(2_000)).toEqual(['b'])
  })

  test('start from nothing when they come again', () => {
    burst.observe('a', false, 1_200, 3)
    burst.retain(new Set())
    expect(burst.observe('a', false, 60_000, 3)).toBe('changed')
    expect(probes('a', 60, 70)).toEqual([61, 62, 63])
  })
})
