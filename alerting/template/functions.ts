import { isIP } from 'node:net'
import { RE2JS } from 're2js'
import { parseMetricsqlDuration } from '../metricsql-duration.ts'
import type { TemplateFunction } from './function.ts'
import { humanize, humanize1024, humanizeSeconds } from './humanize.ts'
import { formatFloat } from './float.ts'
import { LANGUAGE, takes } from './language.ts'
import { escapeHtml, escapeJson, pathEscape, queryEscape } from './quote.ts'
import { formatTime, isTime, timeText } from './time.ts'
import { type Time, type Value, byBytes, durationOf, isList, typeName } from './value.ts'

/** What a template of a rule may call: the language's own functions, vmalert's, and those that Prometheus has beside them. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries({
    ...LANGUAGE,
    args: {
      takes: [],
      rest: 'any',
      call: (values) => ({
        kind: 'map',
        of: 'any',
        entries: Object.fromEntries(values.map((value, index) => [`arg${index}`, value])),
      }),
    },
    crlfEscape: text((value) => value.replaceAll('\n', '\\n').replaceAll('\r', '\\r')),
    externalURL: { takes: [], call: (_, { externalUrl }) => externalUrl },
    first: takes(['metrics'], (metrics) => {
      const found = isMetrics(metrics) ? metrics[0] : undefined
      if (found === undefined) throw new Error('first() of a result without series')
      return found
    }),
    formatTime: takes(['string', 'any'], (layout, at) =>
      formatTime(isTime(at) ? at : toTime(at), String(layout)),
    ),
    htmlEscape: text(escapeHtml),
    graphLink: text((expr) => `/graph?g0.expr=${queryEscape(expr)}&g0.tab=0`),
    humanize: ofNumber(humanize),
    humanize1024: ofNumber(humanize1024),
    humanizeDuration: ofNumber(humanizeSeconds),
    humanizePercentage: ofNumber((value) => `${formatFloat(value * 100, 'g', 4)}%`),
    humanizeTimestamp: ofNumber((value) =>
      Number.isFinite(value) ? timeText(toTime(value)) : formatFloat(value, 'g', 4),
    ),
    jsonEscape: text((value) => `"${escapeJson(value)}"`),
    label: takes(['string', 'metric'], (name, metric) => labelOf(metric, String(name))),
    match: takes(['string', 'string'], (pattern, value) =>
      compile(String(pattern)).matcher(String(value)).find(),
    ),
    now: { takes: [], call: (_, { at }) => at / 1000 },
    parseDuration: takes(['string'], (value) => toMs(String(value)) / 1000),
    parseDurationTime: takes(['string'], (value) => durationOf(toMs(String(value)))),
    pathEscape: text(pathEscape),
    pathPrefix: { takes: [], call: (_, { externalUrl }) => pathOf(externalUrl) },
    query: { takes: ['string'], call: ([expr], { query }) => query(String(expr)) },
    queryEscape: text(queryEscape),
    quotesEscape: text(escapeJson),
    reReplaceAll: takes(['string', 'string', 'string'], (pattern, replacement, value) =>
      replaceAll(compile(String(pattern)), String(replacement), String(value)),
    ),
    safeHtml: text((value) => value),
    sortByLabel: takes(['string', 'metrics'], (name, metrics) => {
      const values = isMetrics(metrics) ? metrics : []
      const key = String(name)
      return values.toSorted((a, b) => byBytes(labelOf(a, key), labelOf(b, key)))
    }),
    stripDomain: text(stripDomain),
    stripPort: text((value) => splitHostPort(value)?.host ?? value),
    strvalue: takes(['metric'], (metric) => labelOf(metric, '__name__')),
    tableLink: text((expr) => `/graph?g0.expr=${queryEscape(expr)}&g0.tab=1`),
    title: text(title),
    toDuration: takes(['any'], (value) => durationOf(toNumber(value) * 1000)),
    toLower: text((value) => value.toLowerCase()),
    toTime: takes(['any'], (value) => toTime(value)),
    toUpper: text((value) => value.toUpperCase()),
    urlQueryEscape: text(queryEscape),
    value: takes(['metric'], (metric) => fieldOf(metric, 'Value')),
  } satisfies Record<string, TemplateFunction>),
)

function text(change: (value: string) => string): TemplateFunction {
  return takes(['string'], (value) => change(String(value)))
}

function ofNumber(write: (value: number) => string): TemplateFunction {
  return takes(['any'], (value) => write(toNumber(value)))
}

function toNumber(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'object' && value !== null && !isList(value) && value.kind === 'duration')
    return Number(value.ns)
  if (typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value))
    return Number(value)
  if (typeof value === 'string' && /^[+-]?(inf|infinity)$/i.test(value))
    return value.startsWith('-') ? -Infinity : Infinity
  if (typeof value === 'string' && /^nan$/i.test(value)) return Number.NaN
  const shown = typeof value === 'string' ? JSON.stringify(value) : typeName(value)
  throw new Error(`expected a number, got ${shown}`)
}

function toTime(value: Value): Time {
  if (isTime(value)) return value
  const seconds = toNumber(value)
  if (!Number.isFinite(seconds)) throw new Error(`${formatFloat(seconds, 'g')} is no time`)
  return { kind: 'time', at: Math.trunc(seconds * 1000) }
}

function toMs(text: string): number {
  const ms = parseMetricsqlDuration(text)
  if (ms === null) throw new Error(`expected a duration such as 5m, got ${JSON.stringify(text)}`)
  return ms
}

const isMetrics = (value: Value): value is readonly Value[] =>
  typeof value === 'object' && value !== null && isList(value)

function fieldOf(metric: Value, name: string): Value {
  const isStruct =
    typeof metric === 'object' && metric !== null && !isList(metric) && metric.kind === 'struct'
  return isStruct ? (metric.fields[name] ?? null) : null
}

function labelOf(metric: Value, name: string): string {
  const labels = fieldOf(metric, 'Labels')
  if (typeof labels !== 'object' || labels === null || isList(labels) || labels.kind !== 'map')
    return ''
  return Object.hasOwn(labels.entries, name) ? String(labels.entries[name]) : ''
}

const compiled = new Map<string, RE2JS>()
const MOST_COMPILED = 1_000

/** Rules bring few expressions, but a template may make one of a label. */
function compile(pattern: string): RE2JS {
  let found = compiled.get(pattern)
  if (found === undefined) {
    try {
      found = RE2JS.compile(pattern)
    } catch (error) {
      const message = `${JSON.stringify(pattern)} is no regular expression: ${(error as Error).message}`
      throw new Error(message, { cause: error })
    }
    if (compiled.size >= MOST_COMPILED) compiled.clear()
    compiled.set(pattern, found)
  }
  return found
}

function replaceAll(pattern: RE2JS, replacement: string, value: string): string {
  const matcher = pattern.matcher(value)
  let result = ''
  let end = 0
  let lastEnd = -1
  while (matcher.find()) {
    // Go passes over an empty match that touches the one before it.
    if (matcher.start() === matcher.end() && matcher.start() === lastEnd) continue
    result += value.slice(end, matcher.start())
    result += replacement.replace(
      /\$\$|\$\{(\w+)\}|\$(\w+)/g,
      (whole, braced: string | undefined, bare: string | undefined) => {
        if (whole === '$$') return '$'
        return groupOf(matcher, braced ?? bare ?? '')
      },
    )
    end = matcher.end()
    lastEnd = end
  }
  return result + value.slice(end)
}

function groupOf(matcher: ReturnType<RE2JS['matcher']>, name: string): string {
  try {
    return matcher.group(/^\d+$/.test(name) ? Number(name) : name) ?? ''
  } catch {
    return '' // no such group: nothing, as in Go
  }
}

/** `host:port` and `[v6]:port`; null where Go's net.SplitHostPort fails. */
function splitHostPort(value: string): { host: string; port: string } | null {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(value)
  return match === null ? null : { host: match[1] ?? match[2] ?? '', port: match[3] ?? '' }
}

function stripDomain(value: string): string {
  const { host, port } = splitHostPort(value) ?? { host: value, port: '' }
  if (isIP(host) !== 0) return value
  const name = host.split('.')[0] ?? ''
  return port === '' ? name : `${name}:${port}`
}

/** The first letter of each word as a capital. */
function title(value: string): string {
  return value.replace(
    /(^|[^\p{L}\p{N}_])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  )
}

function pathOf(url: string): string {
  try {
    const { pathname } = new URL(url)
    return pathname === '/' && !url.endsWith('/') ? '' : pathname
  } catch {
    return ''
  }
}
