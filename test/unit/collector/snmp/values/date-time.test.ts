import { describe, expect, test } from 'vitest'
import {
  parseDateByPattern,
  problemOfPattern,
} from '../../../../../collector/snmp/values/date-pattern.ts'
import {
  parseDateAndTime,
  parseNtpTimestamp,
} from '../../../../../collector/snmp/values/date-time.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const seconds = (iso: string): number => Date.parse(iso) / 1000

describe('a DateAndTime', () => {
  test.each([
    ['with a zone', '07e80210173b3b092b051e', '2024-02-16T23:59:59+05:30'],
    ['west of Greenwich', '07e80210173b3b002d0800', '2024-02-16T23:59:59-08:00'],
    ['without a zone: UTC', '07e8021d00000000', '2024-02-29T00:00:00Z'],
    ['a leap second', '07e00c1f173b3c00', '2017-01-01T00:00:00Z'],
    ['tenths that are more than a second', '07e8010100000014', '2024-01-01T00:00:02Z'],
    ['month and day 0', '07e8000000000000', '2023-11-30T00:00:00Z'],
    ['the year 24', '0018010100000000', '0024-01-01T00:00:00Z'],
  ])('%s', (_what, octets, iso) => {
    expect(parseDateAndTime(hex(octets))).toBe(seconds(iso))
  })

  test.each([
    ['of another length', '07e802'],
    ['with a zone that has no sign', '07e80210173b3b09200000'],
    ['with a zone of 25 hours', '07e80210173b3b092b1900'],
  ])('%s is none', (_what, octets) => {
    expect(parseDateAndTime(hex(octets))).toBeUndefined()
  })
})

test('an NTP timestamp counts from 1900, in whole seconds', () => {
  expect(parseNtpTimestamp(hex('e97c3f80ffffffff'))).toBe(0xe97c3f80 - 2_208_988_800)
  expect(parseNtpTimestamp(hex('e97c3f80'))).toBeUndefined()
})

describe('a date by a pattern of strptime', () => {
  test.each([
    ['%Y-%m-%d %H:%M:%S', '2024-02-16 23:59:58', '2024-02-16T23:59:58Z'],
    ['%FT%T%z', '2024-02-16T23:59:58-0130', '2024-02-16T23:59:58-01:30'],
    ['%a %b %e %H:%M:%S %Z %Y', 'Fri Feb  2 01:02:03 CET 2024', '2024-02-02T01:02:03Z'],
    ['%c', 'Fri Feb  2 01:02:03 2024', '2024-02-02T01:02:03Z'],
    ['%d %B %y, %I:%M %p', '2 march 24, 12:05 AM', '2024-03-02T00:05:00Z'],
    ['%d %B %y, %I:%M %p', '02 March 24, 01:05 pm', '2024-03-02T13:05:00Z'],
    ['%Y.%j', '2024.60', '2024-02-29T00:00:00Z'],
    ['100%% %Y', '100% 2024', '2024-01-01T00:00:00Z'],
  ])('%s of "%s"', (pattern, text, iso) => {
    expect(parseDateByPattern(text, pattern)).toBe(seconds(iso))
  })

  test('of another form is none', () => {
    expect(parseDateByPattern('16.02.2024', '%Y-%m-%d')).toBeUndefined()
    expect(parseDateByPattern('2024-02-16 and more', '%Y-%m-%d')).toBeUndefined()
  })

  test('an unknown directive is named', () => {
    expect(problemOfPattern('%Y %q')).toBe('expected directives of strptime, got %q')
    expect(problemOfPattern('%Y %')).toBe('expected directives of strptime, got %')
    expect(problemOfPattern('%Y')).toBeNull()
    expect(parseDateByPattern('2024 1', '%Y %q')).toBeUndefined()
  })
})
