import { STALE } from '../../lib/remote-write.ts'
import type { InputValue } from './rule-test.ts'

/** A test of one rule needs no more, and a slip of the keyboard shall not take all memory. */
const MOST_VALUES = 1_000_000

const NUMBER = String.raw`[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)`
const ITEM = new RegExp(`^(${NUMBER})(?:([+-])(${NUMBER}))?(?:x(\\d+))?$`, 'i')
const GAPS = /^_(?:x(\d+))?$/

/**
 * The values of a series in the notation of promtool and vmalert-tool: `a+bxn` is `a`, `a+b` … `a+n*b`, `axn` is `a` and
 * n times more, `_xn` n gaps, `stale` the end of the series. Gives a text that says what is wrong where something is.
 */
export function parseInputValues(text: string): readonly InputValue[] | string {
  if (text.includes('{{'))
    return 'native histograms are not kept by VictoriaMetrics: give the series of a classic one, name_bucket{le="…"}'
  const items = text.split(/\s+/).filter(Boolean)
  if (items.length === 0) return 'expected values such as 1 2 _ 4+1x10'
  const values: InputValue[] = []
  for (const item of items) {
    const found = expand(item)
    if (found === null) return `${JSON.stringify(item)} is no number, a+bxn, axn, _, _xn or stale`
    if (values.length + found.count > MOST_VALUES)
      return `expected at most ${MOST_VALUES} values in one series`
    for (let index = 0; index < found.count; index++) values.push(found.at(index))
  }
  return values
}

type Run = { readonly count: number; readonly at: (index: number) => InputValue }

function expand(item: string): Run | null {
  if (item === 'stale') return { count: 1, at: () => STALE }
  const gaps = GAPS.exec(item)
  if (gaps !== null) return { count: Number(gaps[1] ?? 1), at: () => null }
  const found = ITEM.exec(item)
  if (found === null) return null
  const [, first = '', sign, step, times] = found
  // What is added once has no place without how often.
  if (step !== undefined && times === undefined) return null
  const start = numberOf(first)
  const by = step === undefined ? 0 : (sign === '-' ? -1 : 1) * numberOf(step)
  const at = (index: number): number => (index === 0 ? start : start + by * index)
  return { count: Number(times ?? 0) + 1, at }
}

/** A number as Go reads it; NaN for what is none. */
export function numberOf(text: string): number {
  const infinity = /^([+-]?)inf(inity)?$/i.exec(text)
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity
  return /^[+-]?nan$/i.test(text) ? Number.NaN : Number(text)
}
