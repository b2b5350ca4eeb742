import fc from 'fast-check'
import { timeIntervalSchema } from '../../../lib/config/time-intervals.ts'
import { validate } from '../../../lib/config/explain.ts'
import { parseYaml } from '../../../lib/config/yaml.ts'
import { DecisionError } from '../../../lib/decisions/decision-error.ts'
import { parseInstant, readCron } from '../../../lib/decisions/cron.ts'
import { spansBetween, windowAt } from '../../../lib/decisions/window.ts'
import {
  MatcherError,
  compileMatchers,
  formatMatchers,
  parseMatchers,
} from '../../../lib/matchers.ts'
import { mutatedText } from '../mutate.ts'
import { must, target } from '../target.ts'

const MATCHERS = [
  '{branch="Vake", device=~"sw-.*"}',
  'severity!="info",region!~"a|b"',
  'foo = "a\\"b\\n" , "bar baz"=~"x"',
  '{a=~"(a+)+$"}',
]

const LABELS = {
  branch: 'Vake',
  device: `sw-${'a'.repeat(60)}`,
  severity: 'critical',
  a: `${'a'.repeat(40)}!`,
}

export const matchers = target({
  name: 'matchers',
  inputs: mutatedText(MATCHERS),
  refusals: [MatcherError],
  read(given) {
    const read = parseMatchers(given)
    compileMatchers(read)(LABELS)
    const again = parseMatchers(formatMatchers(read))
    must(JSON.stringify(again) === JSON.stringify(read), 'the same when it is read again')
    return read.length > 0
  },
})

const CRONS = [
  '0 2 * * 0',
  '*/5 9-17 1,15 * MON-FRI',
  '59 23 31 12 *',
  '0 0 29 2 *',
  '0 0 L * *',
  '0 2 * * 7#2',
]
const ZONES = ['UTC', 'Asia/Tbilisi', 'America/Los_Angeles', 'Europe/Berlin', 'Australia/Lord_Howe']
const AT = Date.UTC(2026, 2, 29, 1, 30)

export const cron = target({
  name: 'cron',
  inputs: fc.record({
    cron: mutatedText(CRONS),
    timeZone: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...ZONES) }, mutatedText(ZONES)),
    at: fc.integer({ min: -(2 ** 40), max: 2 ** 42 }),
    durationMs: fc.integer({ min: 60_000, max: 7 * 86_400_000 }),
  }),
  refusals: [DecisionError],
  read({ cron: given, timeZone, at, durationMs }) {
    const { last, next } = readCron(given, timeZone)
    const [before, after] = [last(at), next(at)]
    must(before === null || before <= at, 'a beginning before')
    must(after === null || after > at, 'a beginning after')
    const window = {
      schedule: { kind: 'recurring' as const, cron: given, durationMs, timeZone },
    }
    const span = windowAt(window, AT)
    must(span === null || (span.from <= AT && AT < span.until), 'a window that is open')
    must(spansBetween(window, { from: AT, until: AT + 86_400_000 }, 10).length <= 10, 'few windows')
    return true
  },
})

export const instants = target({
  name: 'instant',
  inputs: fc.record({
    text: mutatedText([
      '2026-03-29T02:00:00+01:00',
      '2026-03-29 02:30',
      '2026-02-30',
      '2026-10-25T00:00:00.123Z',
    ]),
    timeZone: fc.constantFrom(...ZONES),
  }),
  read({ text, timeZone }) {
    const at = parseInstant(text, timeZone)
    must(at === null || Number.isFinite(at), 'an instant or none')
    return at !== null
  },
})

const INTERVALS = [
  '{name: nights, time_intervals: [{times: [{start_time: "22:00", end_time: "24:00"}], weekdays: ["monday:friday"]}]}',
  '{name: x, time_intervals: [{days_of_month: ["-3:-1", "1"], months: ["january:march"], years: ["2026:2030"], location: Asia/Tbilisi}]}',
]

export const timeIntervals = target({
  name: 'time-interval',
  inputs: mutatedText(INTERVALS),
  read(given) {
    const source = parseYaml('wardline.yaml', given)
    if (source.problems.length > 0) return false
    return validate(timeIntervalSchema, source.value).ok
  },
})
