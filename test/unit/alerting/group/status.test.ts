import { expect, test } from 'vitest'
import { type AlertStates, evaluateGroup } from '../../../../alerting/evaluate.ts'
import { statusAfter, unknownStatus } from '../../../../alerting/group/status.ts'
import type { Rule, RuleGroup } from '../../../../alerting/rule.ts'
import { answerOf, factsAt, groupOf, point } from '../facts.ts'

const rule: Rule = { alert: 'Down', expr: 'up == 0', annotations: {} }

async function statusAfterwards(group: RuleGroup, evaluations: readonly boolean[]) {
  const states: AlertStates = new Map()
  const [first = rule] = group.rules
  let status = unknownStatus(group, first, 'id', [])
  for (const [index, works] of evaluations.entries()) {
    const at = index * 15_000
    const facts = factsAt(at, async () => {
      if (!works) throw new Error(`failed at ${at}`)
      return answerOf(point({ device: 'a' }))
    })
    for (const outcome of (await evaluateGroup(group, states, facts)).rules)
      status = statusAfter(status, outcome, at + 300, at)
  }
  return status
}

test('a rule that wasn’t evaluated yet is of unknown health', async () => {
  expect(await statusAfterwards(groupOf([rule]), [])).toMatchObject({
    health: 'unknown',
    lastEvaluationAt: null,
    updates: [],
  })
})

test('after an evaluation it says what became of it', async () => {
  expect(await statusAfterwards(groupOf([rule]), [true])).toMatchObject({
    health: 'ok',
    lastError: '',
    lastEvaluationAt: 300,
    samples: 1,
    alerts: [{ state: 'firing' }],
  })
})

test('a failure is its health, and its alerts are as they were', async () => {
  expect(await statusAfterwards(groupOf([rule]), [true, false])).toMatchObject({
    health: 'err',
    lastError: 'failed at 15000',
    samples: 0,
    alerts: [{ state: 'firing' }],
  })
})

test.each<[string, Partial<Rule>, Partial<RuleGroup>, number]>([
  ['20 unless told', {}, {}, 20],
  ['as many as the group says', {}, { updateEntriesLimit: 3 }, 3],
  ['as many as the rule says', { updateEntriesLimit: 2 }, { updateEntriesLimit: 3 }, 2],
  ['one at least', { updateEntriesLimit: 0 }, {}, 1],
])('of its evaluations it keeps %s, the newest first', async (_, ofRule, ofGroup, expected) => {
  const evaluations = Array.from({ length: 25 }, (__, index) => index !== 24)
  const status = await statusAfterwards(groupOf([{ ...rule, ...ofRule }], ofGroup), evaluations)
  expect(status.updates).toHaveLength(expected)
  expect(status.updates[0]).toMatchObject({ at: 24 * 15_000, error: 'failed at 360000' })
})
