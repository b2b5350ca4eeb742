import type pLimit from 'p-limit'
import type { Labels } from '../../lib/labels.ts'
import type { Answer, VictoriaMetrics } from '../../lib/victoriametrics.ts'
import type { Fleet } from '../availability/fleet.ts'
import { type AlertStates, type Evaluation, type Facts, evaluateGroup } from '../evaluate.ts'
import {
  type AlertRule,
  type EvaluationContext,
  type Expression,
  type RuleGroup,
  isAlertRule,
} from '../rule.ts'
import { groupId } from '../rule-id.ts'
import { type Grid, gridOf } from './grid.ts'
import { type ResultHistory, createResultHistory } from './result-history.ts'
import { watchedExpressions } from './watched.ts'
import { withoutTexts } from './without-texts.ts'

/** A rule group over the replayed time: evaluated where its result may be another one, and nowhere else. */
export type GroupReplay = {
  readonly group: RuleGroup
  readonly id: string
  /** When its next evaluation is due; null when there is none. */
  next(): Promise<number | null>
  /** Takes the evaluation that is due. */
  evaluate(fleet: Fleet): Promise<Evaluation>
}

export type GroupReplayDeps = {
  readonly victoriaMetrics: VictoriaMetrics
  readonly limit: ReturnType<typeof pLimit>
  readonly from: number
  readonly to: number
  readonly externalLabels: Labels
  readonly externalUrl: string
}

export function replayGroup(
  given: RuleGroup,
  fleet: Fleet,
  deps: GroupReplayDeps,
  signal: AbortSignal,
): GroupReplay {
  const { victoriaMetrics, from, to } = deps
  const { params, headers } = given
  const options = {
    signal,
    ...(params === undefined ? {} : { params }),
    ...(headers === undefined ? {} : { headers }),
  }
  const grid = gridOf(given, from, to)
  const watched = watchedExpressions(given, fleet.inventory)
  const histories = new Map<string, ResultHistory>()
  const states: AlertStates = new Map()
  const group = withoutTexts(given, tracked)
  let index = -1
  /** Whether a rule of code of somebody else said something without a query: then anything may have changed. */
  let isBlind = false
  /** Until this turn nothing ends by time alone. */
  let endsAt = 0

  for (const rule of group.rules)
    if (typeof rule.expr === 'string') historyOf(rule.expr, hasValueLabels(rule as AlertRule))
  for (const expr of watched ?? []) historyOf(expr, true)

  function historyOf(expr: string, countsValues: boolean): ResultHistory {
    const key = `${countsValues ? 'v' : 's'} ${expr}`
    let history = histories.get(key)
    if (history === undefined) {
      const own = { victoriaMetrics, options, limit: deps.limit }
      history = createResultHistory(expr, grid, countsValues, own)
      histories.set(key, history)
    }
    return history
  }

  const instantly = (expr: string): Promise<Answer> =>
    victoriaMetrics.ask(expr, { ...options, at: grid.at(index) })

  async function past(expr: string, countsValues: boolean): Promise<Answer> {
    const history = historyOf(expr, countsValues)
    await history.load(index)
    return { vector: history.at(index), isPartial: false, seriesFetched: null }
  }

  /** A rule of code with its queries answered from the past. */
  function tracked(expr: Exclude<Expression, string>): Exclude<Expression, string> {
    const own = async (context: EvaluationContext) => {
      let asked = 0
      const query: EvaluationContext['query'] = async (text) => {
        asked++
        return (await (watched === null ? past(text, true) : instantly(text))).vector
      }
      const results = await expr({ ...context, query })
      if (asked === 0 && given.file !== '') isBlind = true
      return results
    }
    // A rule of code is known by the name of its function.
    return Object.defineProperty(own, 'name', { value: expr.name })
  }

  const ownExpressions = new Map(
    group.rules.flatMap((rule) =>
      typeof rule.expr === 'string' ? [[rule.expr, hasValueLabels(rule as AlertRule)]] : [],
    ),
  )

  function facts(fleetNow: Fleet): Facts {
    return {
      at: grid.at(index),
      signal,
      fleet: fleetNow,
      query(expr) {
        const countsValues = ownExpressions.get(expr)
        return countsValues === undefined ? instantly(expr) : past(expr, countsValues)
      },
      externalLabels: deps.externalLabels,
      externalUrl: deps.externalUrl,
    }
  }

  return {
    group: given,
    id: groupId(given),
    async next() {
      if (group.rules.length === 0) return null
      for (let next = index + 1; next < grid.count; next++) {
        if (!areLoaded(histories, next))
          await Promise.all([...histories.values()].map((history) => history.load(next)))
        if (index < 0 || isBlind || next >= endsAt || anyChanged(histories, next)) {
          index = next - 1
          return grid.dueAt(next)
        }
      }
      return null
    },
    async evaluate(fleetNow) {
      index++
      const evaluation = await evaluateGroup(group, states, facts(fleetNow))
      endsAt = nextEnd(evaluation, group, grid)
      return evaluation
    },
  }
}

/** Whether a label, or what is told again, may follow the value. */
const hasValueLabels = ({ labels = {}, revision }: AlertRule): boolean =>
  revision !== undefined || Object.values(labels).some((label) => typeof label !== 'string')

function areLoaded(histories: ReadonlyMap<string, ResultHistory>, index: number): boolean {
  for (const history of histories.values()) if (!history.isLoaded(index)) return false
  return true
}

function anyChanged(histories: ReadonlyMap<string, ResultHistory>, index: number): boolean {
  for (const history of histories.values()) if (history.changed(index)) return true
  return false
}

/** The first turn at which an alert begins to fire, or ends, for no other reason than time. */
function nextEnd({ rules }: Evaluation, group: RuleGroup, grid: Grid): number {
  let at = Infinity
  for (const { rule, alerts } of rules) {
    if (!isAlertRule(rule)) continue
    for (const { state, activeAt, keepFiringSince } of alerts) {
      if (state === 'pending') at = Math.min(at, activeAt + (rule.forMs ?? 0))
      if (state === 'firing' && keepFiringSince !== null)
        at = Math.min(at, keepFiringSince + (rule.keepFiringForMs ?? group.keepFiringForMs ?? 0))
    }
  }
  return Math.ceil((at - grid.at(0)) / grid.stepMs)
}
