import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { reportCsv as csvInSlices } from '../../../../api/reports/csv.ts'
import type { Report } from '../../../../api/reports/report.ts'
import type { Row } from '../../../../api/reports/rows.ts'
import { atOnce } from '../../../../lib/slices.ts'
import { device } from '../../../fakes/inventory.ts'

const reportCsv = (...given: Parameters<typeof csvInSlices>) => atOnce(csvInSlices(...given))

const FROM = Date.UTC(2026, 9, 1)
const range = { from: FROM, until: FROM + 3_600_000 }

function reportOf(...names: string[]): Report {
  const rows = names.map((name, index): Row => {
    const id = `d${index}`
    return {
      key: id,
      devices: [device(id, { name, branch: name })],
      ms: { up: 3_000_000, down: 600_000, excluded: 0, unknown: 0 },
      outages: [{ start: FROM, end: FROM + 600_000, downMs: 600_000, excludedMs: 0, unknownMs: 0 }],
      outageCount: 1,
      mttrMs: 600_000,
      mtbfMs: 3_000_000,
    }
  })
  const [total] = rows
  if (total === undefined) throw new Error('no rows')
  return {
    by: 'device',
    range,
    month: null,
    timeZone: 'UTC',
    rows,
    total,
    excluded: { of: () => [], windows: [], version: 'abc' },
    windowsAsOf: null,
  }
}

const read = (text: string): Record<string, string>[] =>
  parse(text, { columns: true, bom: true, record_delimiter: '\r\n' })

describe('a report as CSV', () => {
  test('has a line for each row, with all that the JSON tells of it', () => {
    expect(read(reportCsv(reportOf('Gori 12'), { list: 'rows', bom: false }))).toEqual([
      expect.objectContaining({
        device: 'd0',
        name: 'Gori 12',
        up_seconds: '3000',
        down_seconds: '600',
        denominator_seconds: '3600',
        availability: String(3000 / 3600),
        outage_count: '1',
        mttr_seconds: '600',
        windows_version: 'abc',
      }),
    ])
  })

  test('or one for each outage', () => {
    expect(read(reportCsv(reportOf('a', 'b'), { list: 'outages', bom: false }))).toMatchObject([
      { device: 'd0', start: '2026-10-01T00:00:00.000Z', end: '2026-10-01T00:10:00.000Z' },
      { device: 'd1', seconds: '600' },
    ])
  })

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '=HYPERLINK("http://x","y")'])(
    'has no formula: %j is a text',
    (name) => {
      const [row] = read(reportCsv(reportOf(name), { list: 'rows', bom: false }))

      expect(row?.['name']).toBe(`'${name}`)
    },
  )

  test.each(['a,b', 'say "hi"', 'two\r\nlines', 'თბილისი'])('keeps %j as it is', (name) => {
    const [row] = read(reportCsv(reportOf(name), { list: 'rows', bom: true }))

    expect(row?.['name']).toBe(name)
  })

  test('begins with a byte-order mark where Excel is to read it', () => {
    expect(reportCsv(reportOf('a'), { list: 'rows', bom: true }).charCodeAt(0)).toBe(0xfeff)
    expect(reportCsv(reportOf('a'), { list: 'rows', bom: false }).charCodeAt(0)).not.toBe(0xfeff)
  })
})
