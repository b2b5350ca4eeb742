import { formatFloat } from './float.ts'

/** `1.235M`, `12.3m`: a number with a prefix of 1000 or 1024. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatFloat(value, 'g', 4)
  return Math.abs(value) >= 1 ? scaleUp(value, 1000) : scaleDown(value)
}

export function humanize1024(value: number): string {
  const isSmall = Math.abs(value) <= 1 || !Number.isFinite(value)
  return isSmall ? formatFloat(value, 'g', 4) : scaleUp(value, 1024)
}

/** `3d 4h 5m 6s`, as humanizeDuration writes seconds. */
export function humanizeSeconds(value: number): string {
  if (!Number.isFinite(value)) return formatFloat(value, 'g', 4)
  if (value === 0) return '0s'
  const size = Math.abs(value)
  if (size < 1) return `${scaleDown(value)}s`
  const sign = value < 0 ? '-' : ''
  const whole = Math.trunc(size)
  const seconds = whole % 60
  const minutes = Math.floor(whole / 60) % 60
  const hours = Math.floor(whole / 3_600) % 24
  const days = Math.floor(whole / 86_400)
  if (days !== 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`
  if (hours !== 0) return `${sign}${hours}h ${minutes}m ${seconds}s`
  if (minutes !== 0) return `${sign}${minutes}m ${seconds}s`
  return `${sign}${formatFloat(size, 'g', 4)}s`
}

/** A number below 1 with the prefix that makes it at least 1: 0.0012 is 1.2m. */
function scaleDown(value: number): string {
  let rest = value
  let prefix = ''
  for (const next of ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y']) {
    if (Math.abs(rest) >= 1) break
    prefix = next
    rest *= 1000
  }
  return formatFloat(rest, 'g', 4) + prefix
}

/** A number from 1 on with the prefix that makes it less than `base`: 1234567 is 1.235M. */
function scaleUp(value: number, base: 1000 | 1024): string {
  const prefixes = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
  let rest = value
  let prefix = ''
  for (const next of prefixes) {
    if (Math.abs(rest) < base) break
    prefix = base === 1024 ? `${next}i` : next
    rest /= base
  }
  return formatFloat(rest, 'g', 4) + prefix
}
