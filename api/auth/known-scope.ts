import { didYouMean } from '../../lib/config/nearest.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { Problem } from '../problem.ts'
import type { Scope } from './principal.ts'

/** Throws Problem 400 for a region or branch that no device has: whoever got that scope would see nothing. */
export function checkScope(inventory: Inventory, scope: Scope | null | undefined): void {
  if (scope === null || scope === undefined) return
  for (const [key, of] of [
    ['regions', 'region'],
    ['branches', 'branch'],
  ] as const) {
    const valid = new Set([...inventory.values()].map((device) => device[of]))
    for (const name of scope[key]) {
      if (valid.has(name)) continue
      const detail = `scope.${key}: no device has ${of} ${JSON.stringify(name)}${didYouMean(name, valid)}`
      throw new Problem(400, 'Bad body', detail, { parameter: `scope.${key}` })
    }
  }
}
