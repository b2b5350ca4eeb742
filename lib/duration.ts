import { z } from 'zod'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** Milliseconds of `30s`, `1h30m`, `1.5m` …, or null when it isn't a duration. */
export function parseDuration(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return null
  let total = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(number) * UNITS[unit as keyof typeof UNITS]
  }
  return Math.round(total)
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

/** A configuration value such as `30s`; parses to milliseconds. */
export function duration({ min, max }: { min?: string; max?: string } = {}): z.ZodType<
  number,
  string
> {
  return z
    .string({
      error: (issue) => `expected a duration such as 30s, got ${JSON.stringify(issue.input)}`,
    })
    .transform((text, context) => {
      const ms = parseDuration(text)
      const problem =
        ms === null
          ? `expected a duration such as 30s, got ${JSON.stringify(text)}`
          : min !== undefined && ms < (parseDuration(min) ?? 0)
            ? `expected at least ${min}, got ${text}`
            : max !== undefined && ms > (parseDuration(max) ?? 0)
              ? `expected at most ${max}, got ${text}`
              : null
      if (problem === null) return ms ?? 0
      context.addIssue({ code: 'custom', message: problem })
      return z.NEVER
    })
}
