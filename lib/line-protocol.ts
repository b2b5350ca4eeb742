import type { Labels } from './labels.ts'

/**
 * What happened at one instant to one label set. Field `up` of measurement `ping` is the metric `ping_up`.
 * `at` is Unix milliseconds; values are in base units. Fields that aren't finite are left out.
 */
export type Sample = {
  readonly measurement: string
  readonly labels: Labels
  readonly fields: Readonly<Record<string, number>>
  readonly at: number
}

// The prefix is most of a line and the same for every sample of a series: encoded once for each label object. Nearly all
// of these have one measurement, so that a map for each would be most of what is kept.
type Prefix = { readonly measurement: string; readonly text: string; readonly other: Prefix | null }
const prefixes = new WeakMap<Labels, Prefix>()

/**
 * One line of line protocol (millisecond precision), or '' when no field has a finite value:
 * VictoriaMetrics would store `NaN` as nothing and text as 0.
 */
export function encodeLine(sample: Sample): string {
  let line = ''
  for (const name in sample.fields) {
    const value = sample.fields[name]
    if (value === undefined || !Number.isFinite(value)) continue
    const { first, next } = fieldKey(name)
    line = line === '' ? prefix(sample) + first + value : line + next + value
  }
  return line === '' ? '' : `${line} ${Math.round(sample.at)}`
}

function prefix({ measurement, labels }: Sample): string {
  const first = prefixes.get(labels) ?? null
  for (let known = first; known !== null; known = known.other) {
    if (known.measurement === measurement) return known.text
  }
  const text = encodePrefix(measurement, labels)
  prefixes.set(labels, { measurement, text, other: first })
  return text
}

function encodePrefix(measurement: string, labels: Labels): string {
  // Joined, not added up: a prefix is kept as long as its series, and a sum stays a tree of its parts in memory.
  const parts = [escapeMeasurement(measurement)]
  for (const name of Object.keys(labels).sort()) {
    const value = cleanText(labels[name] ?? '')
    if (value !== '') parts.push(`${escapeKey(name)}=${escapeKey(value)}`)
  }
  return parts.join(',')
}

/** A field's name with what stands around it: ` up=` after the labels, `,up=` after another field. */
type FieldKey = { readonly first: string; readonly next: string }

// Metrics are few, and the same in every line.
const fieldKeys = new Map<string, FieldKey>()

function fieldKey(name: string): FieldKey {
  let key = fieldKeys.get(name)
  if (key === undefined) {
    const escaped = escapeKey(name)
    key = { first: ` ${escaped}=`, next: `,${escaped}=` }
    if (fieldKeys.size < 10_000) fieldKeys.set(name, key)
  }
  return key
}

const escapeMeasurement = (text: string): string => text.replace(/[\\, ]/g, '\\$&')
const escapeKey = (text: string): string => text.replace(/[\\,= ]/g, '\\$&')

/** A line break ends a line and can't be escaped; other control characters have no meaning in a label. */
export const cleanText = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').trim()
