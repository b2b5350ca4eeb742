import type { Inventory } from '../../lib/inventory.ts'
import { type Matcher, formatMatchers } from '../../lib/matchers.ts'
import type { Principal } from '../auth/principal.ts'
import { touched } from './touched.ts'

type Decision = {
  readonly matchers: readonly Matcher[]
  readonly createdBy: string
  readonly comment: string
  readonly name?: string
}

export type ListQuestion = {
  readonly device?: readonly string[] | undefined
  /** Every word of it must occur in the matchers, the author, the comment or the name. */
  readonly q: string
  readonly limit?: number | undefined
  readonly offset: number
}

/** The page of silences or windows that is asked for, of those that can be about a device that the principal sees. */
export function listed<T extends Decision, J>(
  decisions: readonly T[],
  { device, q, limit, offset }: ListQuestion,
  {
    principal,
    inventory,
    json,
    isWanted,
    order,
  }: {
    readonly principal: Principal
    readonly inventory: Inventory
    readonly json: (decision: T) => J
    readonly isWanted: (json: J) => boolean
    readonly order: (one: J, other: J) => number
  },
): { readonly page: J[]; readonly total: number } {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const asked = device === undefined ? null : new Set(device)
  const found = decisions
    .filter((decision) => {
      if (!hasWords(decision, words)) return false
      if (asked === null && principal.scope === null) return true
      const devices = touched(decision.matchers, inventory)
      return asked === null ? devices.length > 0 : devices.some(({ id }) => asked.has(id))
    })
    .map(json)
    .filter(isWanted)
    .sort(order)
  const end = limit === undefined ? undefined : offset + limit
  return { page: found.slice(offset, end), total: found.length }
}

function hasWords(
  { matchers, createdBy, comment, name = '' }: Decision,
  words: readonly string[],
): boolean {
  if (words.length === 0) return true
  const text = [formatMatchers(matchers), createdBy, comment, name].join('\n').toLowerCase()
  return words.every((word) => text.includes(word))
}
