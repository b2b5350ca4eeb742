import { type Labels, labelsKey } from '../../lib/labels.ts'
import type { Vector } from '../../lib/victoriametrics.ts'
import type { Alert } from '../alert.ts'
import type { AlertCase, ExpectedSample, QueryCase } from './rule-test.ts'

/** One thing as lines of `name` and `text`: what two of them are compared by, and how they are shown. */
export type Item = ReadonlyMap<string, string>

/** Items that have no equal on the other side; those that are most alike stand beside one another. */
export type Difference = {
  readonly expected: number
  readonly got: number
  readonly pairs: readonly (readonly [expected: Item | null, got: Item | null])[]
}

/** What differs between the alerts that a case expects and those of its rule that fire; null: nothing. */
export function compareAlerts(
  { alert, group, expected }: AlertCase,
  alerts: readonly Alert[],
): Difference | null {
  const got = alerts
    .filter(({ state, labels }) => state === 'firing' && labels['alertname'] === alert)
    .filter(({ labels }) => group === null || labels['alertgroup'] === group)
  const own = { alertname: alert, ...(group === null ? {} : { alertgroup: group }) }
  return difference(
    expected.map(({ labels, annotations }) => alertItem({ ...labels, ...own }, annotations)),
    got.map(({ labels, annotations }) => alertItem(withoutGroup(labels, group), annotations)),
  )
}

/** What differs between the samples that a case expects and a query's result; null: nothing. */
export function compareSamples(
  { expected }: QueryCase,
  vector: Vector,
  isFuzzy: boolean,
): Difference | null {
  const left = expected.map((sample) => ({ ...sample }))
  const got = vector.map(({ labels, value }) => {
    const near = left.findIndex((one) => isSame(one, { labels, value }, isFuzzy))
    const [same] = near < 0 ? [] : left.splice(near, 1)
    return same ?? { labels, value }
  })
  return difference(expected.map(sampleItem), got.map(sampleItem))
}

function withoutGroup(labels: Labels, group: string | null): Labels {
  if (group !== null) return labels
  const { alertgroup: _, ...rest } = labels
  return rest
}

function isSame(one: ExpectedSample, other: ExpectedSample, isFuzzy: boolean): boolean {
  if (labelsKey(one.labels) !== labelsKey(other.labels)) return false
  if (Object.is(one.value, other.value) || one.value === other.value) return true
  const size = Math.max(Math.abs(one.value), Math.abs(other.value))
  return isFuzzy && Math.abs(one.value - other.value) <= size * 2 * Number.EPSILON
}

const alertItem = (labels: Labels, annotations: Labels): Item =>
  new Map([...rows('', labels), ...rows('annotation ', annotations)])

const sampleItem = ({ labels, value }: ExpectedSample): Item =>
  new Map([...rows('', labels), ['value', numberText(value)]])

/** An empty label equals an absent one. */
const rows = (prefix: string, texts: Labels): [string, string][] =>
  Object.keys(texts)
    .sort()
    .filter((name) => texts[name] !== '')
    .map((name) => [prefix + name, JSON.stringify(texts[name])])

const numberText = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'

function difference(expected: readonly Item[], got: readonly Item[]): Difference | null {
  const left = [...got]
  const missing: Item[] = []
  for (const item of expected) {
    const same = left.findIndex((one) => likeness(item, one) === Infinity)
    if (same < 0) missing.push(item)
    else left.splice(same, 1)
  }
  if (missing.length === 0 && left.length === 0) return null
  const pairs: [Item | null, Item | null][] = []
  for (const item of missing) {
    const likest = left.reduce(
      (best, one, index) => {
        const like = likeness(item, one)
        return like > best.like ? { like, index } : best
      },
      { like: 0, index: -1 },
    )
    const [other] = likest.index < 0 ? [] : left.splice(likest.index, 1)
    pairs.push([item, other ?? null])
  }
  for (const item of left) pairs.push([null, item])
  return { expected: expected.length, got: got.length, pairs }
}

/** How many lines two items share; Infinity where it is all of both. */
function likeness(one: Item, other: Item): number {
  const shared = [...one].filter(([name, text]) => other.get(name) === text).length
  return shared === one.size && shared === other.size ? Infinity : shared
}
