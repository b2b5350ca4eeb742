import { describe, expect, test } from 'vitest'
import { readInterfaces } from '../../../../api/interfaces/read.ts'
import { interfaceSchema } from '../../../../api/interfaces/schema.ts'
import type { Labels } from '../../../../lib/labels.ts'
import type { Point } from '../../../../lib/victoriametrics.ts'
import { AT, point } from '../fleet-vectors.ts'

const GI1 = { ifIndex: '1', ifName: 'Gi0/1', ifDescr: 'GigabitEthernet0/1' }
const STALE_MS = 150_000

/** What was polled of an interface under these labels, `ago` milliseconds before AT. */
function face(labels: Labels, figures: Readonly<Record<string, number>>, ago = 0): Point[] {
  const seen = point((AT - ago) / 1_000, { __name__: 'seen', ...labels })
  const rest = Object.entries(figures).map(([name, value]) =>
    point(value, { __name__: name, ...labels }),
  )
  return [seen, ...rest]
}

const read = (...points: readonly Point[]) => readInterfaces(points, STALE_MS)

test('an interface is told with its rates in bits', () => {
  const [told] = read(
    ...face(
      { ...GI1, ifAlias: 'WAN: A', uplink: 'isp-a' },
      {
        ifAdminStatus: 1,
        ifOperStatus: 7,
        ifHighSpeed: 1_000,
        ifHCInOctets: 1_250.04,
        ifHCOutOctets: 0,
        ifInErrors: 0.033_333,
        ifOutDiscards: 2,
        changed: (AT - 60_000) / 1_000,
      },
    ),
  )

  expect(interfaceSchema.parse(told)).toEqual({
    index: 1,
    name: 'Gi0/1',
    alias: 'WAN: A',
    admin: 'up',
    oper: 'lower_layer_down',
    speed_bps: 1e9,
    in_bps: 10_000,
    out_bps: 0,
    in_errors_per_second: 0.033,
    out_errors_per_second: null,
    in_discards_per_second: null,
    out_discards_per_second: 2,
    uplink: 'isp-a',
    last_change_at: new Date(AT - 60_000).toISOString(),
  })
})

test('an agent without 64-bit counters or names', () => {
  const [told] = read(
    ...face({ ifIndex: '3', ifDescr: 'eth0' }, { ifInOctets: 10, ifHighSpeed: 0 }),
  )

  expect(told).toMatchObject({
    name: 'eth0',
    alias: null,
    in_bps: 80,
    out_bps: null,
    speed_bps: null,
  })
})

describe('of several series of one interface', () => {
  const renamed = { ...GI1, ifAlias: 'new' }

  test('the newest speaks for it; a rate that it has not yet is that of before', () => {
    const told = read(
      ...face({ ...GI1, ifAlias: 'old' }, { ifOperStatus: 1, ifHCInOctets: 100 }, 60_000),
      ...face(renamed, { ifOperStatus: 2 }),
    )

    expect(told).toMatchObject([{ index: 1, alias: 'new', oper: 'down', in_bps: 800 }])
  })

  test('E2 what the device does not tell of any more is left out', () => {
    const told = read(
      ...face({ ifIndex: '7', ifName: 'Gi0/1' }, { ifOperStatus: 1 }, 200_000),
      ...face(renamed, { ifOperStatus: 1 }),
    )

    expect(told.map(({ index }) => index)).toEqual([1])
  })
})

test('all are told while their device is silent, without what they had', () => {
  const told = read(
    ...face({ ifIndex: '10', ifName: 'b' }, {}, 3_600_000),
    ...face({ ifIndex: '9', ifName: 'a' }, {}, 3_600_000),
  )

  expect(told).toMatchObject([
    { index: 9, oper: null, in_bps: null },
    { index: 10, oper: null, in_bps: null },
  ])
})
