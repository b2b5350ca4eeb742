import { beforeEach, describe, expect, test } from 'vitest'
import { type SpoolMark, createSpoolMark } from '../../../../lib/spool/mark.ts'

const AT = Date.UTC(2026, 0, 1)
let now = AT
let turn = 0
let mark: SpoolMark
beforeEach(() => {
  now = AT
  turn = 0
  mark = createSpoolMark('lab', { now: () => now, monotonic: () => turn })
})

const NOTHING = new Map<string, number>()
const waiting = (from: number, vantage = 'lab') => new Map([[vantage, from]])
const pass = (ms: number): void => {
  now += ms
  turn += ms
}
/** Writes what is due, as delivery does; null: nothing was. */
function write(oldest: ReadonlyMap<string, number>): string | null {
  const due = mark.due(oldest)
  if (due === null) return null
  mark.written()
  return String(due.batch.body).trimEnd()
}
const line = (from: number, at = now, vantage = 'lab') =>
  `wardline_spool,vantage=${vantage} from_seconds=${from} ${at}`

describe('the mark of samples that wait', () => {
  test('is written before the first samples of a process', () => {
    expect(write(NOTHING)).toBe(line(0))
  })

  test('says each second how old the oldest sample is, rounded down', () => {
    expect(write(waiting(AT - 4_500))).toBe(line(AT / 1000 - 5))
    pass(999)
    expect(write(waiting(AT - 4_500))).toBeNull()
    pass(1)
    expect(write(waiting(AT - 3_000))).toBe(line(AT / 1000 - 3))
  })

  test('says at once, by itself, that nothing waits any more, then now and then', () => {
    write(waiting(AT - 5_000))
    pass(10)
    expect(mark.due(NOTHING)).toMatchObject({ isNews: true })
    expect(write(NOTHING)).toBe(line(0))
    pass(9_999)
    expect(write(NOTHING)).toBeNull()
    pass(1)
    expect(mark.due(NOTHING)).toMatchObject({ isNews: false })
    expect(write(NOTHING)).toBe(line(0))
  })

  test('that was not stored is due still', () => {
    write(waiting(AT - 5_000))
    pass(10)
    mark.due(NOTHING)
    expect(write(NOTHING)).toBe(line(0))
  })

  test('has a stamp of its own: of two with one stamp VictoriaMetrics keeps the larger', () => {
    write(waiting(AT - 5_000))
    expect(write(NOTHING)).toBe(line(0, AT + 1))
  })

  test('goes on when the clock is set back', () => {
    write(waiting(AT - 5_000))
    pass(1_000)
    now = AT - 3_600_000
    expect(write(waiting(AT - 5_000))).toBe(line(AT / 1000 - 5, AT - 3_600_000))
  })

  test('speaks of another vantage whose spool was taken over, until that is stored', () => {
    const both = new Map([
      ['lab', AT - 1_000],
      ['gone', AT - 90_000],
    ])
    expect(write(both)?.split('\n')).toEqual([
      line(AT / 1000 - 1),
      line(AT / 1000 - 90, now, 'gone'),
    ])
    pass(1_000)
    expect(write(waiting(AT - 1_000))?.split('\n')).toEqual([
      line(AT / 1000 - 1),
      line(0, now, 'gone'),
    ])
    pass(1_000)
    expect(write(waiting(AT - 1_000))).toBe(line(AT / 1000 - 1))
  })
})
