import { z } from 'zod'

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const
const WEEK = 604_800_000

/** Milliseconds of `30s`, `1h30m`, `1.5m` …, or null when it isn't a duration. */
export function parseDuration(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return null
  let total = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(number) * (unit === 'w' ? WEEK : UNITS[unit as keyof typeof UNITS])
  }
  return Math.round(total)
}

/** The duration as a configuration file writes it, exactly: `1m30s`, `500ms`, `0s`. */
export function formatDuration(ms: number): string {
  let rest = ms
  let text = ''
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text === '' ? '0s' : text
}

/** `2h 15m`, `45s`, `3d 4h`: the two largest units, for people. */
export function humanizeDuration(ms: number): string {
  const units = [
    ['d', UNITS.d],
    ['h', UNITS.h],
    ['m', UNITS.m],
    ['s', UNITS.s],
  ] as const
  let rest = Math.max(0, Math.floor(ms / 1000) * 1000)
  const parts: string[] = []
  for (const [name, size] of units) {
    const count = Math.floor(rest / size)
    if (count > 0 || parts.length > 0) parts.push(`${count}${name}`)
    rest -= count * size
    if (parts.length === 2) break
  }
  return parts.filter((part) => !part.startsWith('0')).join(' ') || '0s'
}

export type DurationBounds = {
  readonly min?: string
  readonly max?: string
  /** Refuses parts of a second: the scheduler's slots are whole seconds. */
  readonly whole?: boolean
}

/** A configuration value such as `30s`; parses to milliseconds. */
export function duration(bounds: DurationBounds = {}): z.ZodType<number, string> {
  return z.string({ error: 'expected a duration such as 30s' }).transform((text, context) => {
    const ms = parseDuration(text)
    const message = durationProblem(text, ms, bounds)
    if (ms !== null && message === null) return ms
    context.addIssue({ code: 'custom', message: message ?? '' })
    return z.NEVER
  })
}

function durationProblem(text: string, ms: number | null, bounds: DurationBounds): string | null {
  const { min, max, whole = false } = bounds
  if (ms === null && /^\d+$/.test(text))
    return `expected a duration with its unit, such as ${text}s`
  if (ms === null) return 'expected a duration such as 30s'
  if (min !== undefined && ms < (parseDuration(min) ?? 0)) return `expected at least ${min}`
  if (max !== undefined && ms > (parseDuration(max) ?? 0)) return `expected at most ${max}`
  return whole && ms % 1_000 !== 0 ? 'expected whole seconds, such as 30s' : null
}
