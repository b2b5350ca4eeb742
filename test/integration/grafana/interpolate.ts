import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'

/** What somebody looks at: a time range (Unix milliseconds) and a choice for each variable; 'all' is Grafana's "All". */
export type View = {
  readonly from: number
  readonly to: number
  readonly chosen: Readonly<Record<string, 'all' | readonly string[]>>
}

const DATA_SOURCE_INTERVAL = 15
const WIDTH_IN_POINTS = 1_000

/**
 * A query's text and step (seconds) as Grafana's Prometheus data source would send them. Throws on a variable that
 * Grafana wouldn't know: it would stay in the text and make the query wrong.
 */
export function interpolate(
  text: string,
  view: View,
  variables: readonly VariableModel[],
  minStep?: string,
): { text: string; step: number } {
  const scrape = minStep === undefined ? DATA_SOURCE_INTERVAL : seconds(minStep)
  const span = (view.to - view.from) / 1000
  const step = Math.max(Math.ceil(span / WIDTH_IN_POINTS), scrape)
  const builtIn: Record<string, string> = {
    __interval: `${step}s`,
    __rate_interval: `${Math.max(step + scrape, 4 * scrape)}s`,
    __range: `${Math.round(span)}s`,
    __range_s: `${Math.round(span)}`,
    __range_ms: `${Math.round(span * 1000)}`,
  }
  const replaced = text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string, bare: string) => {
    const name = braced ?? bare
    const variable = variables.find((candidate) => candidate.name === name)
    const value = builtIn[name] ?? (variable === undefined ? undefined : format(variable, view))
    if (value === undefined) throw new Error(`Grafana knows no variable $${name} in: ${text}`)
    return value
  })
  return { text: replaced, step }
}

function format(variable: VariableModel, view: View): string | undefined {
  const chosen = view.chosen[variable.name]
  if (chosen === undefined) return undefined
  if (chosen === 'all') return variable.allValue
  const escaped = chosen.map((value) => value.replace(/[\\^$*+?.()|[\]{}]/g, '\\\\$&'))
  return escaped.length === 1 ? escaped[0] : `(${escaped.join('|')})`
}

function seconds(text: string): number {
  const [, number, unit] = /^(\d+)([smh])$/.exec(text) ?? []
  if (number === undefined) throw new Error(`expected an interval such as 15s, got ${text}`)
  return Number(number) * (unit === 'h' ? 3_600 : unit === 'm' ? 60 : 1)
}
