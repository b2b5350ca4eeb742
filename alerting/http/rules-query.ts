import { type Matcher, MatcherError, compileMatchers, parseMatchers } from '../../lib/matchers.ts'
import { VmalertError } from './vmalert-error.ts'

/** What a request wants to see of the rules. Null: no bound. */
export type RulesQuery = {
  readonly type: 'alerting' | 'recording' | null
  readonly names: ReadonlySet<string> | null
  readonly groups: ReadonlySet<string> | null
  readonly files: ReadonlySet<string> | null
  /** Any of them: each is for the labels of the configuration. */
  readonly matchers: readonly (readonly Matcher[])[]
  readonly states: ReadonlySet<string> | null
  readonly datasource: string | null
  readonly excludeAlerts: boolean
  readonly extendedStates: boolean
  /** Lower case; '' for everything. */
  readonly search: string
  readonly groupLimit: number | null
  readonly page: number
}

const TYPES = { alert: 'alerting', record: 'recording' } as const
const STATES = ['ok', 'nomatch', 'inactive', 'firing', 'pending', 'unhealthy']
const DATASOURCES = ['prometheus', 'graphite', 'vlogs']

/** Reads the parameters of vmalert's `/api/v1/rules`; those that it doesn't have are passed over, as there. Throws VmalertError. */
export function readRulesQuery(url: string): RulesQuery {
  const { searchParams } = new URL(url)
  const text = (name: string): string => searchParams.get(name) ?? ''
  const any = (name: string): ReadonlySet<string> | null => {
    const values = searchParams.getAll(name)
    return values.length === 0 ? null : new Set(values)
  }
  const groupLimit = positive('group_limit', text('group_limit'))
  const page = positive('page_num', text('page_num'))
  if (page !== null && groupLimit === null)
    throw new VmalertError(400, 'page_num: expected group_limit beside it, which makes the pages')
  return {
    type: typeOf(text('type')),
    names: any('rule_name[]'),
    groups: any('rule_group[]'),
    files: any('file[]'),
    matchers: searchParams.getAll('match[]').map(selector),
    states: statesOf(text('state') || text('filter')),
    datasource: oneOf('datasource_type', text('datasource_type'), DATASOURCES),
    excludeAlerts: isTrue(text('exclude_alerts')),
    extendedStates: isTrue(text('extended_states')),
    search: text('search').toLowerCase(),
    groupLimit,
    page: page ?? 1,
  }
}

/** True for labels that any of the selectors matches, or when there is none. */
export function anyMatches(
  selectors: readonly (readonly Matcher[])[],
): (labels: Readonly<Record<string, string>>) => boolean {
  const tests = selectors.map(compileMatchers)
  return (labels) => tests.length === 0 || tests.some((test) => test(labels))
}

function typeOf(text: string): RulesQuery['type'] {
  const found = oneOf('type', text, Object.keys(TYPES))
  return found === null ? null : TYPES[found as keyof typeof TYPES]
}

function statesOf(text: string): ReadonlySet<string> | null {
  if (text === '') return null
  return new Set(
    text
      .toLowerCase()
      .split(',')
      .map((state) => oneOf('state', state, STATES) ?? refuse('state', state, STATES)),
  )
}

function selector(text: string): readonly Matcher[] {
  try {
    return parseMatchers(text)
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error
    throw new VmalertError(400, `match[]: ${error.message}`, { cause: error })
  }
}

function positive(name: string, text: string): number | null {
  if (text === '') return null
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (number > 0) return number
  throw new VmalertError(400, `${name}: expected a positive number, got ${JSON.stringify(text)}`)
}

function oneOf(name: string, text: string, valid: readonly string[]): string | null {
  if (text === '') return null
  return valid.includes(text) ? text : refuse(name, text, valid)
}

function refuse(name: string, text: string, valid: readonly string[]): never {
  throw new VmalertError(
    400,
    `${name}: expected one of ${valid.join(', ')}, got ${JSON.stringify(text)}`,
  )
}

/** As VictoriaMetrics reads flags of a query. */
const isTrue = (text: string): boolean =>
  !['', '0', 'f', 'false', 'no'].includes(text.toLowerCase())
