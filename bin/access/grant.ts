import type { Role, Scope } from '../../lib/auth/grant.ts'
import { didYouMean } from '../../lib/config/nearest.ts'
import type { LoadedConfig } from '../../lib/config/load.ts'
import { StartError } from '../../lib/start-error.ts'
import { readKnownInventory } from '../known-inventory.ts'

export type GrantOptions = {
  readonly role: Role
  readonly region?: readonly string[]
  readonly branch?: readonly string[]
}

/** Throws StartError for a region or branch that no device has: whoever got it would see nothing. */
export async function readGrant(
  { role, region = [], branch = [] }: GrantOptions,
  source: LoadedConfig,
): Promise<{ role: Role; scope: Scope | null }> {
  if (region.length === 0 && branch.length === 0) return { role, scope: null }
  const { inventory } = await readKnownInventory(source, { snmpModules: [] })
  for (const [key, names] of [
    ['region', region],
    ['branch', branch],
  ] as const) {
    const known = new Set([...inventory.values()].map((device) => device[key]))
    const unknown = names.find((name) => !known.has(name))
    if (unknown === undefined) continue
    const hint = didYouMean(unknown, known)
    throw new StartError(
      `--${key}: no device of the inventory has ${key} ${JSON.stringify(unknown)}${hint}`,
    )
  }
  return { role, scope: { regions: region, branches: branch } }
}

/** `everything`, or `region West, branch Gori`. */
export function scopeText(scope: Scope | null): string {
  if (scope === null) return 'everything'
  const { regions, branches } = scope
  return [
    ...regions.map((name) => `region ${name}`),
    ...branches.map((name) => `branch ${name}`),
  ].join(', ')
}
