import { describe, expect, test } from 'vitest'
import { decidedAt } from '../../../../api/explain/decided-at.ts'
import type { Change, ChangeFilter } from '../../../../lib/decisions/change.ts'
import { type Decided, NOTHING_DECIDED } from '../../../../lib/decisions/decided.ts'
import { DecisionError } from '../../../../lib/decisions/decision-error.ts'
import type { Silence } from '../../../../lib/decisions/silence.ts'

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0)
const AT = NOW - 3_600_000

const silence = (id: string, comment = ''): Silence => ({
  id,
  matchers: [{ name: 'device', value: 'r1', isRegex: false, isEqual: true }],
  startsAt: NOW - 9_000_000,
  endsAt: NOW + 9_000_000,
  createdBy: 'alice',
  comment,
  updatedAt: NOW - 9_000_000,
})

const change = (id: string, at: number, before: Silence | null, after: Silence | null): Change => ({
  entry: `${at}-0`,
  at,
  who: 'alice',
  what: 'silence changed',
  id,
  before,
  after,
})

/** The newest change comes first, as the log gives them. */
function over(current: Partial<Decided>, ...changes: readonly Change[]) {
  const filters: ChangeFilter[] = []
  return {
    filters,
    current: { ...NOTHING_DECIDED, ...current },
    async log(filter: ChangeFilter = {}) {
      filters.push(filter)
      const { since = 0, until = Infinity, limit } = filter
      return changes.filter(({ at }) => at >= since && at <= until).slice(0, limit)
    },
  }
}

describe('what was decided at a past instant', () => {
  test('is what is decided, where nothing was changed since', async () => {
    const current = { silences: [silence('a')] }

    expect(await decidedAt(over(current), AT, NOW, ['a'])).toEqual({
      ...NOTHING_DECIDED,
      ...current,
    })
  })

  test('lacks what was made since, and has what was changed or removed since as it was', async () => {
    const before = silence('changed', 'before')
    const between = silence('changed', 'between')
    const after = silence('changed', 'after')
    const decisions = over(
      { silences: [silence('new'), after] },
      change('removed', NOW - 500, silence('removed'), null),
      change('changed', NOW - 1_000, between, after),
      change('changed', NOW - 2_000, before, between),
      change('new', NOW - 3_000, null, silence('new')),
    )

    const { silences } = await decidedAt(decisions, AT, NOW, [])

    expect(silences).toEqual([silence('removed'), before])
  })

  test('takes back the oldest change as well, however many came after it', async () => {
    const others = Array.from({ length: 40_000 }, (_, n) =>
      change(`other-${n}`, NOW - 1_000, silence('other'), null),
    )
    const first = change('first', NOW - 3_000, null, silence('first'))
    const decisions = over({ silences: [silence('first')] }, ...others, first)

    const { silences } = await decidedAt(decisions, AT, NOW, [])

    expect(silences.map(({ id }) => id)).not.toContain('first')
  })

  test('has what the series name and nobody knows any more, out of the change log', async () => {
    const decisions = over({}, change('old', AT - 1_000, null, silence('old')))

    expect((await decidedAt(decisions, AT, NOW, ['old'])).silences).toEqual([silence('old')])
    expect((await decidedAt(decisions, AT, NOW, [])).silences).toEqual([])
  })

  test('now is what is decided, without a question', async () => {
    const decisions = over({ silences: [silence('a')] })

    expect(await decidedAt(decisions, NOW, NOW, ['x'])).toBe(decisions.current)
    expect(decisions.filters).toEqual([])
  })

  test('while Redis is away it is what was last known', async () => {
    const decisions = {
      current: { ...NOTHING_DECIDED, silences: [silence('a')] },
      log: () => Promise.reject(new DecisionError('unavailable', 'away')),
    }

    expect(await decidedAt(decisions, AT, NOW, [])).toBe(decisions.current)
  })
})
