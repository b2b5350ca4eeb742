import { describe, expect, test } from 'vitest'
import type { Fault } from '../../../../chaos/fault.ts'
import type { DoneFault, History, ViolationKind } from '../../../../chaos/judge/history.ts'
import { judge } from '../../../../chaos/judge/judge.ts'
import type { Sample } from '../../../../lab/oracle.ts'
import type { Record } from '../../../../lab/recorder.ts'
import { END, START, TRUTH, after, entry, goodHistory, shown, told } from './good-history.ts'

// A judge that finds nothing may be blind: each kind of violation is put into a history that has none.

const kindsOf = (history: History): ViolationKind[] => [
  ...new Set(judge(history).map(({ kind }) => kind)),
]
const good = goodHistory()
const leafDownSince = good.samples.get('leaf')?.find(({ up }) => !up)?.at ?? 0
const childDownSince = good.samples.get('child')?.find(({ up }) => !up)?.at ?? 0

test('a history in which all is as it must be has no violation', () => {
  expect(good.records.map(({ alerts }) => alerts[0]?.status)).toEqual([
    'firing',
    'resolved',
    'firing',
    'resolved',
  ])
  expect(judge(good)).toEqual([])
})

describe('samples', () => {
  test('a sample that is missing is a lost one, by the plan and by the witness', () => {
    const history = withSamples('other', (list) => list.filter((_, place) => place !== 10))
    const found = { kind: 'sample lost', device: 'other' }
    expect(judge(history)).toMatchObject([found, found])
    expect(judge({ ...history, probes: [] })).toMatchObject([found])
  })

  test('what was asked is lost whatever was done to others, but not where its own collector was killed', () => {
    const asked = {
      collector: 'collector-1',
      from: after(102),
      to: after(102.2),
      addresses: ['198.18.0.2'],
    }
    const gone = withSamples('other', (list) =>
      list.filter(({ at }) => at < after(99) || at > after(103)),
    )
    const history = { ...gone, probes: [asked], collectors: 2 }
    expect(kindsOf({ ...history, faults: [done('kill', 'redis', 100, 110)] })).toEqual([
      'sample lost',
    ])
    expect(kindsOf({ ...history, faults: [done('kill', 'collector-2', 102, 110)] })).toEqual([
      'sample lost',
    ])
    expect(kindsOf({ ...history, faults: [done('kill', 'collector-1', 102.1, 110)] })).toEqual([])
  })

  test('a slot that the collector says it skipped is not lost, one more than it says is', () => {
    const gone = good.samples.get('other')?.slice(10, 12) ?? []
    const history = unwitnessed(
      withSamples('other', (list) => list.filter((one) => !gone.includes(one))),
    )
    const missed = (slots: number) => [{ from: START, to: END, slots }]
    expect(kindsOf({ ...history, missed: missed(2) })).toEqual([])
    expect(judge({ ...history, missed: missed(1) })).toHaveLength(1)
  })

  test('what was due while the collector was dead is not lost, what was due while VictoriaMetrics was is', () => {
    const history = unwitnessed(
      withSamples('other', (list) => list.filter(({ at }) => at < after(200) || at > after(212))),
    )
    expect(kindsOf({ ...history, faults: [done('kill', 'collector-1', 199, 210)] })).toEqual([])
    const faults = [done('kill', 'victoria-metrics', 199, 210)]
    expect(kindsOf({ ...history, faults })).toEqual(['sample lost'])
  })

  test('what VictoriaMetrics had not written is lost, whoever was killed as well', () => {
    const history = withSamples('other', (list) =>
      list.filter(({ at }) => at < after(100) || at > after(110)),
    )
    const killed = done('kill', 'victoria-metrics', 111, 116)
    const asked = { ...history, faults: [killed] }
    expect(kindsOf(asked)).toEqual(['sample lost'])
    const both = { ...asked, faults: [done('kill', 'collector-1', 111, 118), killed] }
    expect(kindsOf(both)).toEqual(['sample lost'])
  })

  test('it is excused where the journal of the collector that holds it had no room', () => {
    const history = withSamples('other', (list) =>
      list.filter(({ at }) => at < after(102) || at > after(109)),
    )
    const kills = [
      done('kill', 'victoria-metrics', 111, 116),
      done('kill', 'collector-1', 109, 118),
    ]
    const full = (from: number, to: number) => done('disk', 'collector-1', from, to)
    expect(kindsOf({ ...history, faults: [...kills, full(100, 105)] })).toEqual([])
    expect(kindsOf({ ...history, faults: [...kills, full(90, 95)] })).toEqual(['sample lost'])
  })

  test('a clock that is set excuses nothing, but of a collector that was started meanwhile', () => {
    const history = unwitnessed(
      withSamples('other', (list) => list.filter(({ at }) => at < after(200) || at > after(212))),
    )
    const set = done('clock', 'collector-1', 200, 210)
    const restarts = (target: string, at: number) => done('kill', target, at - 1, at)
    const since = (...faults: DoneFault[]) => kindsOf({ ...history, faults: [set, ...faults] })
    expect(since()).toEqual(['sample lost'])
    expect(since(restarts('collector-1', 190))).toEqual(['sample lost'])
    expect(since(restarts('redis', 205))).toEqual(['sample lost'])
    expect(since(restarts('collector-1', 205))).toEqual([])
  })

  test('with two collectors the other one takes over: a longer gap is a loss', () => {
    const faults = [done('kill', 'collector-1', 100, 200)]
    const without = (from: number, to: number) => ({
      ...unwitnessed(
        withSamples('other', (list) => list.filter(({ at }) => at < after(from) || at > after(to))),
      ),
      collectors: 2,
      faults,
    })
    expect(kindsOf(without(100, 118))).toEqual([])
    expect(kindsOf(without(100, 160))).toEqual(['sample lost'])
    // It was back for a moment only: the others wait for its lease once more.
    const again = [done('kill', 'collector-1', 100, 112), done('freeze', 'collector-1', 119, 135)]
    expect(kindsOf({ ...without(100, 132), faults: again })).toEqual([])
    expect(kindsOf({ ...without(100, 150), faults: again })).toEqual(['sample lost'])
  })

  test('an answer of a device that was silent', () => {
    const history = withSamples('leaf', (list) =>
      list.map((sample) => (isAt(sample, 60, 66) ? { ...sample, up: true } : sample)),
    )
    expect(kindsOf(history)).toContain('sample wrong')
  })

  test('silence of a device that was there, and the outage that it makes', () => {
    const history = withSamples('other', (list) =>
      list.map((sample) => (isAt(sample, 60, 76) ? { ...sample, up: false } : sample)),
    )
    expect(kindsOf(history)).toEqual(expect.arrayContaining(['sample wrong', 'outage wrong']))
  })

  test('silence of a device that loses packets, or while the collectors have no network, is as it must be', () => {
    const silent = withSamples('other', (list) =>
      list.map((sample) => (isAt(sample, 60, 66) ? { ...sample, up: false } : sample)),
    )
    const lossy = { ...entry('other', 'lossy', 1), percent: 20 }
    expect(kindsOf({ ...silent, truth: [lossy, ...TRUTH] })).toEqual([])
    expect(kindsOf({ ...silent, faults: [done('blind', 'network', 59, 67)] })).toEqual([])
  })

  test('an outage that no samples show', () => {
    const history = withSamples('leaf', (list) => list.map((sample) => ({ ...sample, up: true })))
    expect(kindsOf(history)).toContain('outage wrong')
  })
})

describe('what was told', () => {
  test('an outage that nobody was told of', () => {
    expect(kindsOf(withRecords((records) => records.slice(2)))).toEqual(['not told'])
  })

  test('a request that the receiver refused told it nothing', () => {
    const refused = withRecords(([first, ...rest]) =>
      first === undefined ? rest : [{ ...first, taken: false }, ...rest],
    )
    expect(kindsOf(refused)).toEqual(expect.arrayContaining(['not told']))
  })

  test('an outage that was told twice under two keys, and not one that came twice under one', () => {
    const again = (key?: string) =>
      withRecords((records) => [
        ...records,
        told('firing', 'leaf', leafDownSince, after(50), key === undefined ? {} : { key }),
      ])
    expect(kindsOf(again('another'))).toEqual(['told twice'])
    expect(kindsOf(again())).toEqual([])
  })

  test('an end that was not told, and one that was told twice', () => {
    expect(kindsOf(withRecords((records) => records.toSpliced(1, 1)))).toEqual(['not resolved'])
    const twice = withRecords((records) => [
      ...records,
      told('resolved', 'leaf', leafDownSince, after(110), { key: 'another' }),
    ])
    expect(kindsOf(twice)).toEqual(['resolved twice'])
  })

  test('an outage of a device that had none', () => {
    const record = told('firing', 'other', after(50), after(55))
    expect(kindsOf(withRecords((records) => [...records, record]))).toEqual(['told falsely'])
  })

  test('an outage of what is no device', () => {
    const record = told('firing', 'nobody', after(50), after(55))
    expect(kindsOf(withRecords((records) => [...records, record]))).toEqual(['told falsely'])
  })

  test('that monitoring is blind, and it was not', () => {
    const record = told('firing', '', 0, after(205), { alertname: 'MonitoringBlind' })
    const history = withRecords((records) => [...records, record])
    expect(kindsOf(history)).toEqual(['told falsely'])
    expect(kindsOf({ ...history, faults: [done('kill', 'collector-1', 200, 210)] })).toEqual([
      'told falsely',
    ])
    expect(kindsOf({ ...history, faults: [done('blind', 'network', 200, 206)] })).toEqual([])
  })

  test('another down_since than that of the first failed probe, by a millisecond', () => {
    const wrong = withRecords((records) => [
      told('firing', 'leaf', leafDownSince + 1, leafDownSince + 4_000),
      ...records.slice(1),
    ])
    expect(kindsOf(wrong)).toContain('down_since wrong')
  })

  test('a device behind another one that is down', () => {
    const record = told('firing', 'child', childDownSince, childDownSince + 4_000)
    const ended = told('resolved', 'child', childDownSince, after(185))
    const history = withRecords((records) => [...records, record, ended])
    expect(kindsOf(history)).toEqual(['told though hidden'])
  })

  test('nobody was told that monitoring is blind', () => {
    const faults = [done('blind', 'network', 200, 215)]
    expect(kindsOf({ ...good, faults })).toEqual(['blindness not told'])
    const record = told('firing', '', 0, after(205), { alertname: 'MonitoringBlind' })
    expect(kindsOf({ ...good, faults, records: [...good.records, record] })).toEqual([])
  })

  test('an outage that nobody could see for long enough may be told or not', () => {
    const truth = [entry('leaf', 'down', 30), entry('leaf', 'up', 55)]
    const faults = [done('freeze', 'alerting-1', 28, 56)]
    const history = goodHistory(truth)
    expect(kindsOf({ ...history, faults })).toEqual([])
    expect(kindsOf({ ...history, faults, records: [] })).toEqual([])
    expect(kindsOf({ ...history, records: [] })).toEqual(['not told'])
  })
})

describe('what was shown', () => {
  test('down, though it was not', () => {
    const history = withLook(50, shown('other', 'down', after(45)))
    expect(kindsOf(history)).toEqual(['down falsely'])
  })

  test('down since another instant than the first failed probe', () => {
    const history = withLook(50, shown('leaf', 'down', leafDownSince + 5_000))
    expect(kindsOf(history)).toEqual(['down_since wrong'])
  })

  test('up on a sample that is too old to know, or on none', () => {
    for (const age of [30_000, null]) {
      const history = withLook(50, shown('other', 'up', null, age))
      expect(kindsOf(history)).toEqual(['up on stale data'])
    }
  })

  test('up long after it fell silent, but for what can be explained by a fault', () => {
    const history = {
      ...good,
      looks: good.looks.filter(({ devices }) => devices[0]?.id !== 'leaf' || devices.length > 1),
    }
    expect(kindsOf(history)).toEqual(['up though down'])
    expect(kindsOf({ ...history, faults: [done('cut', 'api', 25, 40)] })).toEqual([])
  })
})

describe('what is not known', () => {
  const unknown = (from: number, until: number): History => {
    const looks = [
      ...good.looks,
      { at: after(from), devices: [shown('other', 'unknown', null)] },
      { at: after(until), devices: [shown('other', 'up', null)] },
    ]
    return { ...good, looks: looks.sort((one, other) => one.at - other.at) }
  }
  // A cut of 6 s, 15 s in which all comes right, and an interval: nothing may hang for longer.
  const faults = [{ ...done('drop', 'collector-1', 30, 36), to: after(36) }]

  test('for longer than a fault excuses, because something hung on', () => {
    expect(kindsOf({ ...unknown(40, 70), faults })).toEqual(['unknown for long'])
  })

  test('while a fault lasts, and until it is over with', () => {
    expect(kindsOf({ ...unknown(40, 57), faults })).toEqual([])
    expect(kindsOf(unknown(40, 57))).toEqual(['unknown for long'])
  })
})

describe('the processes', () => {
  const life = (last: number) => ({
    ...good,
    memory: [
      {
        component: 'alerting-1',
        pid: 7,
        readings: Array.from({ length: 40 }, (_, place) => ({
          at: after(place * 5),
          bytes: 100e6 + (place / 39) * last,
        })),
      },
    ],
  })

  test('memory that grows, and memory that does not', () => {
    expect(kindsOf(life(150e6))).toEqual(['memory grows'])
    expect(kindsOf(life(20e6))).toEqual([])
  })

  test('a service that ended by itself, and what was waited for in vain', () => {
    const deaths = [{ component: 'api', at: after(10), words: 'exit code 1' }]
    expect(kindsOf({ ...good, deaths })).toEqual(['ended by itself'])
    expect(kindsOf({ ...good, inVain: ['every device up'] })).toEqual(['not quiet in the end'])
  })
})

function withSamples(device: string, change: (list: readonly Sample[]) => Sample[]): History {
  const samples = new Map(good.samples)
  samples.set(device, change(samples.get(device) ?? []))
  return { ...good, samples }
}

/** As one who has only the plan to go by. */
const unwitnessed = (history: History): History => ({ ...history, probes: [] })

const withRecords = (change: (records: readonly Record[]) => Record[]): History => ({
  ...good,
  records: change(good.records),
})

const withLook = (seconds: number, device: ReturnType<typeof shown>): History => ({
  ...good,
  looks: [...good.looks, { at: after(seconds), devices: [device] }].sort((a, b) => a.at - b.at),
})

const isAt = ({ at }: Sample, from: number, to: number): boolean =>
  at >= after(from) && at <= after(to)

function done(kind: Fault['kind'], target: string, from: number, to: number): DoneFault {
  const fault = { kind, target, atMs: from * 1000, lastsMs: (to - from) * 1000 }
  return { fault, from: after(from), to: after(to) }
}
