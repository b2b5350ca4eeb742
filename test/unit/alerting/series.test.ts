import { describe, expect, test } from 'vitest'
import { type LiveSeries, createSeriesKeeper, createStamps } from '../../../alerting/series.ts'

const series = (name: string, device: string, value = 1): LiveSeries => ({
  name,
  labels: { device },
  value,
})

const written = (
  keeper: ReturnType<typeof createSeriesKeeper>,
  live: readonly LiveSeries[],
  at: number,
): { samples: string[]; ended: string[] } => {
  const { samples, ended } = keeper.update(live, at)
  return {
    samples: samples.flatMap(({ labels, fields }) =>
      Object.entries(fields).map(([name, value]) => `${name} ${labels['device']} ${value}`),
    ),
    ended: ended.map(({ labels }) => `${labels['__name__']} ${labels['device']}`),
  }
}

describe('series that live while something holds', () => {
  test('are written when they begin, and then once in each interval', () => {
    const keeper = createSeriesKeeper(15_000)
    const live = [series('ALERTS', 'a')]
    const counts = [0, 2_000, 14_000, 15_000, 16_000, 30_000].map(
      (at) => written(keeper, live, at).samples.length,
    )
    expect(counts).toEqual([1, 0, 0, 1, 0, 1])
  })

  test('are written again when the clock was set back', () => {
    const keeper = createSeriesKeeper(15_000)
    const live = [series('ALERTS', 'a')]
    written(keeper, live, 3_600_000)
    expect(written(keeper, live, 0).samples).toEqual(['ALERTS a 1'])
  })

  test('are written at once when their value changes', () => {
    const keeper = createSeriesKeeper(15_000)
    written(keeper, [series('device_up', 'a', 1)], 0)
    expect(written(keeper, [series('device_up', 'a', 0)], 2_000).samples).toEqual(['device_up a 0'])
  })

  test('end with a stale marker when they are gone, and no sooner', () => {
    const keeper = createSeriesKeeper(15_000)
    written(keeper, [series('ALERTS', 'a'), series('ALERTS', 'b')], 0)
    expect(written(keeper, [series('ALERTS', 'b')], 2_000).ended).toEqual(['ALERTS a'])
    expect(written(keeper, [series('ALERTS', 'b')], 4_000).ended).toEqual([])
  })

  test('that an earlier process left are taken over: written when they live, ended when they do not', () => {
    const keeper = createSeriesKeeper(15_000)
    keeper.adopt([series('ALERTS', 'a'), series('ALERTS', 'b')])
    expect(written(keeper, [series('ALERTS', 'a')], 2_000)).toEqual({
      samples: ['ALERTS a 1'],
      ended: ['ALERTS b'],
    })
  })

  test('whose labels differ in order or in empty ones are the same', () => {
    const keeper = createSeriesKeeper(15_000)
    keeper.adopt([{ name: 'ALERTS', labels: { device: 'a', branch: 'x' }, value: 1 }])
    const live = { name: 'ALERTS', labels: { branch: 'x', region: '', device: 'a' }, value: 1 }
    expect(written(keeper, [live], 0).ended).toEqual([])
  })

  test.each([
    ['nothing happened', [series('ALERTS', 'a')], false],
    ['one ended', [], true],
    ['one began', [series('ALERTS', 'a'), series('ALERTS', 'b')], true],
    ['a value differs', [series('ALERTS', 'a', 2)], true],
  ])('say whether anything changed: %s', (_, live, changed) => {
    const keeper = createSeriesKeeper(15_000)
    keeper.update([series('ALERTS', 'a')], 0)
    expect(keeper.update(live, 15_000).changed).toBe(changed)
  })
})

describe('the stamps of evaluations', () => {
  test('are whole seconds, and one after another within a second', () => {
    const stamp = createStamps()
    const stamps = [1_000, 3_004, 3_400, 3_999, 4_000].map(stamp)
    expect(stamps).toEqual([1_000, 3_000, 3_001, 3_002, 4_000])
  })

  test('follow a clock that was set back', () => {
    const stamp = createStamps()
    expect([10_000, 10_500, 4_200].map(stamp)).toEqual([10_000, 10_001, 4_000])
  })
})
