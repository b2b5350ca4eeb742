import type { Labels } from './labels.ts'
import type { Sliced } from './slices.ts'

/** One series of an instant query's result. `at` is Unix milliseconds. */
export type Point = { readonly labels: Labels; readonly value: number; readonly at: number }
export type Vector = readonly Point[]

/** A vector as it was answered, and the answer without it. */
export type ReadVector = { readonly vector: Vector; readonly frame: string }

/** Reads the vector of an answer piece by piece; null when it isn't written as VictoriaMetrics writes one. */
export type VectorReader = (text: string) => Sliced<ReadVector | null>

/** Series that are read before others may run. */
const POINTS_AT_ONCE = 512

const BEGIN = '"resultType":"vector","result":['
const METRIC = '{"metric":'
// Within a label such a quote has a backslash before it.
const VALUE = '},"value":['

/**
 * The same series come again in every evaluation. Labels that are known are given again as the same object, so that what
 * was made of them (keys, lines) is found by it, and ten thousand series leave no garbage of a hundred thousand texts.
 */
export function createVectorReader(): VectorReader {
  const known = createLabelPool()
  return function* read(text) {
    const begin = text.indexOf(BEGIN)
    if (begin < 0) return null
    const vector: Point[] = []
    let at = begin + BEGIN.length
    while (text.startsWith(METRIC, at)) {
      const end = text.indexOf(VALUE, at)
      const stampAt = end + VALUE.length
      const comma = text.indexOf(',"', stampAt)
      const close = text.indexOf('"]}', comma)
      if (end < 0 || comma < 0 || close < 0) return null
      const labels = known(text.slice(at + METRIC.length, end + 1))
      if (labels === null) return null
      vector.push({
        labels,
        value: numberOf(text.slice(comma + 2, close)),
        at: Math.round(Number(text.slice(stampAt, comma)) * 1000),
      })
      at = close + 3
      if (text[at] === ',') at++
      if (vector.length % POINTS_AT_ONCE === 0) yield
    }
    if (text[at] !== ']') return null
    return { vector, frame: text.slice(0, begin + BEGIN.length) + text.slice(at) }
  }
}

/** JavaScript knows no sign before an `Inf`. */
export const numberOf = (text: string): number => Number(text.replace('Inf', 'Infinity'))

/** What wasn't asked for since so many times as there are series is forgotten. */
const TURNS = 8
const LEAST = 1_000

function createLabelPool(): (text: string) => Labels | null {
  let young = new Map<string, Labels>()
  let old: ReadonlyMap<string, Labels> = new Map()
  let asked = 0
  return (text) => {
    if (++asked > Math.max(LEAST, young.size * TURNS)) {
      asked = 0
      old = young
      young = new Map()
    }
    let labels = young.get(text)
    if (labels !== undefined) return labels
    labels = old.get(text) ?? parse(text)
    // A copy: a part of an answer keeps all of that in memory.
    if (labels !== undefined) young.set(Buffer.from(text).toString(), labels)
    return labels ?? null
  }
}

function parse(text: string): Labels | undefined {
  try {
    return JSON.parse(text) as Labels
  } catch {
    return undefined
  }
}
