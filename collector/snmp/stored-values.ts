import { type Labels, quoteLabelValue } from '../../lib/labels.ts'
import { type Sample, cleanText } from '../../lib/line-protocol.ts'

/** One value as it would be stored. */
export type StoredValue = {
  readonly metric: string
  readonly labels: Labels
  readonly value: number
}

/** The series and values of a sample, without what isn't stored: empty labels, and values that aren't finite. */
export function storedValues({ measurement, labels, fields }: Sample): StoredValue[] {
  const kept = Object.fromEntries(
    Object.entries(labels).flatMap(([name, text]) => {
      const value = cleanText(text)
      return value === '' ? [] : [[name, value]]
    }),
  )
  const prefix = measurement === '' ? '' : `${measurement}_`
  return Object.entries(fields).flatMap(([name, value]) =>
    Number.isFinite(value) ? [{ metric: prefix + name, labels: kept, value }] : [],
  )
}

/** `{device="r1",ifIndex="3"}`, without empty ones. */
export function labelsText(labels: Labels): string {
  const parts = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${quoteLabelValue(value)}`)
  return `{${parts.join(',')}}`
}
