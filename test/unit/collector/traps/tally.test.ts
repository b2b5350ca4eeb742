import { describe, expect, test } from 'vitest'
import { LINK_DOWN, LINK_UP } from '../../../../collector/traps/names.ts'
import { MOST_TRAPS, OTHER, createTally } from '../../../../collector/traps/tally.ts'
import type { Sample } from '../../../../lib/line-protocol.ts'
import { device } from '../../../fakes/inventory.ts'

const START = Date.UTC(2026, 5, 1, 12)
const core = device('core')

/** Seconds after the start, and values. */
const points = (samples: readonly Sample[]): [number, number | undefined][] =>
  samples.map(({ at, fields }) => [(at - START) / 1000, fields['traps_total']])

const labelsOf = (samples: readonly Sample[], name: string): Set<string | undefined> =>
  new Set(samples.map(({ labels }) => labels[name]))

describe('the counters of traps', () => {
  test('begin with a 0 a second before the first count, so that increase() sees the first trap', () => {
    const tally = createTally(START, 'dc')
    tally.count(core, LINK_DOWN)
    const samples = tally.samples(START + 10_000)
    expect(points(samples)).toEqual([
      [9, 0],
      [10, 1],
    ])
    expect(samples[0]).toMatchObject({
      measurement: 'snmp',
      labels: {
        device: 'core',
        branch: 'Vake',
        region: 'Tbilisi',
        trap: '1.3.6.1.6.3.1.1.5.3',
        name: 'linkDown',
        vantage: 'dc',
      },
    })
  })

  test('are never stamped before the start, where the samples of another run may be', () => {
    const tally = createTally(START + 500, 'dc')
    tally.count(core, LINK_DOWN)
    expect(points(tally.samples(START + 1_000))).toEqual([
      [0.5, 0],
      [1, 1],
    ])
  })

  test('are written once a second at most, with all that came', () => {
    const tally = createTally(START, 'dc')
    for (let n = 0; n < 1_000; n++) tally.count(core, LINK_DOWN)
    tally.samples(START + 1_000)
    for (let n = 0; n < 500; n++) tally.count(core, LINK_DOWN)
    expect(points(tally.samples(START + 2_000))).toEqual([[2, 1_500]])
    expect(tally.samples(START + 3_000)).toEqual([])
  })

  test('are written each minute while nothing comes', () => {
    const tally = createTally(START, 'dc')
    tally.count(core, LINK_DOWN)
    tally.samples(START + 1_000)
    expect(tally.samples(START + 60_000)).toEqual([])
    expect(points(tally.samples(START + 61_000))).toEqual([[61, 1]])
    expect(tally.samples(START + 62_000)).toEqual([])
  })

  test('are written as they were before a step that comes late, as after a sleep of the machine', () => {
    const tally = createTally(START, 'dc')
    tally.count(core, LINK_DOWN)
    tally.samples(START + 1_000)
    tally.count(core, LINK_DOWN)
    expect(points(tally.samples(START + 600_000))).toEqual([
      [599, 1],
      [600, 2],
    ])
  })

  test('end a day after the last trap, and begin with 0 again', () => {
    const tally = createTally(START, 'dc')
    tally.count(core, LINK_DOWN)
    tally.samples(START + 1_000)
    tally.samples(START + 1_000 + 86_400_000)
    expect(tally.samples(START + 1_000 + 2 * 86_400_000)).toEqual([])
    tally.count(core, LINK_DOWN)
    expect(points(tally.samples(START + 1_000 + 3 * 86_400_000)).map(([, value]) => value)).toEqual(
      [0, 1],
    )
  })

  test('are one for each trap and device, so many for one device, and one for all further ones', () => {
    const tally = createTally(START, 'dc')
    for (let n = 0; n < MOST_TRAPS + 10; n++) tally.count(core, `1.3.6.1.4.1.9.0.${n}`)
    tally.count(core, '1.3.6.1.4.1.9.0.0')
    tally.count(device('edge'), LINK_UP)
    const samples = tally.samples(START + 1_000).filter(({ at }) => at === START + 1_000)
    const ofCore = samples.filter(({ labels }) => labels['device'] === 'core')
    expect(labelsOf(ofCore, 'trap').size).toBe(MOST_TRAPS + 1)
    const value = (trap: string): number | undefined =>
      ofCore.find(({ labels }) => labels['trap'] === trap)?.fields['traps_total']
    expect([value(OTHER), value('1.3.6.1.4.1.9.0.0'), value('1.3.6.1.4.1.9.0.1')]).toEqual([
      10, 2, 1,
    ])
    expect(samples).toHaveLength(MOST_TRAPS + 2)
  })

  test('are their own for traps with a name, whatever a device has sent before', () => {
    const tally = createTally(START, 'dc')
    for (let n = 0; n < MOST_TRAPS + 10; n++) tally.count(core, `1.3.6.1.4.1.9.0.${n}`)
    tally.count(core, LINK_DOWN)
    tally.count(core, LINK_UP)
    tally.count(core, '1.3.6.1.4.1.9.0.9999')
    const last = tally.samples(START + 1_000).filter(({ at }) => at === START + 1_000)
    expect(last).toHaveLength(MOST_TRAPS + 3)
    const ofLinks = last.filter(({ labels }) => labels['name']?.startsWith('link'))
    expect(ofLinks.map(({ labels, fields }) => [labels['name'], fields['traps_total']])).toEqual([
      ['linkDown', 1],
      ['linkUp', 1],
    ])
  })

  test('begin anew for a device that moved to another branch, and end with a device that left', () => {
    const tally = createTally(START, 'dc')
    tally.count(core, LINK_DOWN)
    tally.count(device('edge'), LINK_DOWN)
    tally.samples(START + 1_000)
    const moved = device('core', { branch: 'Gori' })
    tally.retain(new Map([['core', moved]]))
    expect(tally.samples(START + 100_000)).toEqual([])
    tally.count(moved, LINK_DOWN)
    const samples = tally.samples(START + 101_000)
    expect(labelsOf(samples, 'branch')).toEqual(new Set(['Gori']))
    expect(points(samples).map(([, value]) => value)).toEqual([0, 1])
  })

  test('go on for a device whose other properties changed', () => {
    const tally = createTally(START, 'dc')
    tally.count(core, LINK_DOWN)
    tally.samples(START + 1_000)
    const renamed = device('core', { name: 'another' })
    tally.retain(new Map([['core', renamed]]))
    tally.count(renamed, LINK_DOWN)
    expect(points(tally.samples(START + 2_000))).toEqual([[2, 2]])
  })
})
