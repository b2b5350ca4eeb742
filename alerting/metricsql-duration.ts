const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

const PART = /(\d+(?:\.\d+)?|\.\d+)(ms|[smhdwy])/g

/**
 * Milliseconds of a duration as MetricsQL writes it, or null when it is none: `1h30m`, `1.5h`, `1w`, `1y`, `-5m`;
 * a number alone is seconds.
 */
export function parseMetricsqlDuration(text: string): number | null {
  const [, sign = '', size = ''] = /^(-?)(.*)$/s.exec(text) ?? []
  const factor = sign === '-' ? -1 : 1
  if (/^(\d+(\.\d*)?|\.\d+)$/.test(size)) return factor * Math.round(Number(size) * 1_000)
  if (size === '' || size.replace(PART, '') !== '') return null
  let total = 0
  for (const [, number, unit] of size.matchAll(PART)) {
    total += Number(number) * (UNITS[unit ?? ''] ?? 0)
  }
  return factor * Math.round(total)
}
