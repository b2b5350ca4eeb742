import type { AuditEntry } from '../lib/auth/audit.ts'

/** Kinds whose values are kept as the services have them: in camelCase, with instants and lengths in milliseconds. */
const KEPT_INSIDE = /^(silence|window|acknowledgement) /
/** The furthest instant that a date can be. */
const MOST_MS = 8.64e15

/** An entry of the log as the API tells it: names and units as everywhere else in it. */
export function auditJson({ at, before, after, ...entry }: AuditEntry) {
  const told = KEPT_INSIDE.test(entry.what) ? valueJson : (value: unknown): unknown => value
  return { ...entry, at: new Date(at).toISOString(), before: told(before), after: told(after) }
}

function valueJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => valueJson(each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => memberJson(key, each)))
}

function memberJson(key: string, value: unknown): [string, unknown] {
  // Labels have names of their own.
  if (key === 'labels') return [key, value]
  if (isInstant(key, value)) return [snakeCase(key), new Date(value).toISOString()]
  if (key.endsWith('Ms') && typeof value === 'number')
    return [`${snakeCase(key.slice(0, -'Ms'.length))}_seconds`, value / 1000]
  return [snakeCase(key), valueJson(value)]
}

const isInstant = (key: string, value: unknown): value is number =>
  (key === 'at' || key.endsWith('At')) && typeof value === 'number' && Math.abs(value) <= MOST_MS

const snakeCase = (key: string): string =>
  key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
