import type { Problem } from '../../lib/config/problem.ts'
import { type VictoriaMetrics, VictoriaMetricsError } from '../../lib/victoriametrics.ts'
import { type RuleGroup, ruleName } from '../rule.ts'
import { placeOf } from './problem.ts'

/** Long before any sample: nothing is read, but the expression is parsed. */
const EMPTY_AT = Date.UTC(2000, 0, 1)
const AT_ONCE = 8

/**
 * Asks a VictoriaMetrics whether it understands each expression; rejects with VictoriaMetricsError when it can't be
 * asked. The answer depends on its version, not on its data.
 */
export async function validateExpressions(
  groups: readonly RuleGroup[],
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>,
): Promise<Problem[]> {
  const asked = groups.flatMap((group) =>
    group.rules.flatMap((rule) =>
      typeof rule.expr === 'string' ? { group, rule, expr: rule.expr } : [],
    ),
  )
  const messages = asked.map((): string | null => null)
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let index = next++; index < asked.length; index = next++) {
        messages[index] = await reasonAgainst(asked[index]?.expr ?? '', victoriaMetrics)
      }
    }),
  )
  return asked.flatMap(({ group, rule }, index) => {
    const message = messages[index]
    if (message === null || message === undefined) return []
    const place = placeOf(rule) ?? {
      file: group.file,
      path: `group ${group.name}: ${ruleName(rule)}`,
    }
    return [{ ...place, message }]
  })
}

async function reasonAgainst(
  expr: string,
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>,
): Promise<string | null> {
  try {
    await victoriaMetrics.query(expr, { at: EMPTY_AT })
    return null
  } catch (error) {
    if (!(error instanceof VictoriaMetricsError) || error.reason !== 'rejected') throw error
    return `the expression is wrong: ${reasonOf(error.message)}`
  }
}

/** VictoriaMetrics' own words, without what it was asked. */
export function reasonOf(message: string): string {
  const at = message.indexOf('{')
  try {
    const { error } = JSON.parse(message.slice(at)) as { error?: unknown }
    const said = typeof error === 'string' ? error : message
    return said.replace(
      /^error when executing query=.*? (?:for|on the time range) \((?:time|start)=[^)]*\): /s,
      '',
    )
  } catch {
    return message // cut short, or not as usual
  }
}
