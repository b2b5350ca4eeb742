import type { Device } from '../../lib/inventory.ts'
import type { Matcher } from '../../lib/matchers.ts'
import type { Scope } from '../auth/principal.ts'
import { Problem } from '../problem.ts'
import { alternativesOf, equal } from './alternatives.ts'

/** Whether matchers match nothing outside the scope, whatever the inventory becomes. */
export const isInside = (matchers: readonly Matcher[], scope: Scope | null): boolean =>
  scope === null ||
  matchers.some((matcher) => {
    const allowed = { region: scope.regions, branch: scope.branches }[matcher.name]
    const values = alternativesOf(matcher)
    return allowed !== undefined && values !== null && values.every((one) => allowed.includes(one))
  })

/** The label of a device that keeps a matcher inside the scope, wherever the device goes. */
export function keptInside({ branch, region }: Device, { regions, branches }: Scope): Matcher[] {
  if (regions.includes(region)) return [equal('region', region)]
  return branches.includes(branch) ? [equal('branch', branch)] : []
}

export function outside({ regions, branches }: Scope): Problem {
  const allowed = [
    ...regions.map((region) => `region=${JSON.stringify(region)}`),
    ...branches.map((branch) => `branch=${JSON.stringify(branch)}`),
  ]
  return new Problem(
    403,
    'Outside your scope',
    `expected a matcher that keeps it inside your scope: ${allowed.join(' or ')}`,
    { scope: { regions, branches } },
  )
}
