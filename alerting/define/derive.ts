import type { Point } from '../../lib/victoriametrics.ts'
import type { Expression, Result } from '../rule.ts'
import type { VectorExpression } from './vector.ts'

declare const LABELS: unique symbol

/** An expression that is a function: YAML can't say it. */
export type Derived<L extends string> = {
  readonly expr: Exclude<Expression, string>
  readonly [LABELS]?: (label: L) => void
}

type LabelsIn<V> = V extends VectorExpression<infer L> ? L : never
/** Labels that all of the expressions have. */
type Shared<Parts> = {
  [Key in keyof Parts]: (label: LabelsIn<Parts[Key]>) => void
}[keyof Parts] extends (label: infer L) => void
  ? Extract<L, string>
  : never

type Values<Parts> = { readonly [Key in keyof Parts]: number | undefined }

/**
 * Combines several expressions into one: their series are brought together by the labels `by`, and `value` makes one
 * number of theirs (undefined where one has no series), or null where there is nothing to tell. Of several series with
 * the same labels the first counts, so aggregate before.
 */
export function derive<
  const Parts extends Readonly<Record<string, { readonly expr: string }>>,
  const By extends Shared<Parts>,
>(
  parts: Parts,
  {
    by,
    value,
  }: {
    readonly by: readonly By[]
    readonly value: (values: Values<Parts>, labels: Readonly<Record<By, string>>) => number | null
  },
): Derived<By> {
  const entries = Object.entries(parts)
  const expr: Exclude<Expression, string> = async ({ at, query }) => {
    const vectors = await Promise.all(entries.map(([, part]) => query(part.expr)))
    const rows = new Map<
      string,
      { labels: Record<string, string>; values: Record<string, number> }
    >()
    for (const [index, [name]] of entries.entries()) {
      for (const point of vectors[index] ?? []) {
        const labels = labelsBy(point, by)
        const key = JSON.stringify(Object.values(labels))
        const row = rows.get(key) ?? { labels, values: {} }
        row.values[name] ??= point.value
        rows.set(key, row)
      }
    }
    const results: Result[] = []
    for (const { labels, values } of rows.values()) {
      const result = value(values as Values<Parts>, labels as Record<By, string>)
      if (result !== null && !Number.isNaN(result)) results.push({ labels, value: result, at })
    }
    return results
  }
  // A rule is known by its expression too: two of them differ where their parts do.
  const text = entries.map(([name, part]) => `${name}: ${part.expr}`).join(', ')
  Object.defineProperty(expr, 'name', { value: `derive({ ${text} })` })
  return { expr }
}

const labelsBy = ({ labels }: Point, by: readonly string[]): Record<string, string> =>
  Object.fromEntries(by.map((name) => [name, labels[name] ?? '']))
