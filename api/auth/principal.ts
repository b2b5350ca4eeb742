import type { Device } from '../../lib/inventory.ts'

/** What somebody may do; each may what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** The part of the fleet that somebody sees: devices of any of these regions or branches. Null: all of it. */
export type Scope = { readonly regions: readonly string[]; readonly branches: readonly string[] }

/** Who asks. `open` is anybody, where reading is open to all. */
export type Principal = {
  readonly name: string
  readonly kind: 'open' | 'user' | 'token'
  readonly role: Role
  readonly scope: Scope | null
}

/** Anybody who reaches the address, where nothing else is configured and it is a loopback one. */
export const ANYBODY: Principal = { name: 'anybody', kind: 'open', role: 'viewer', scope: null }

export const may = ({ role }: Principal, needed: Role): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(needed)

export const sees = (
  { scope }: Principal,
  { region, branch }: Pick<Device, 'region' | 'branch'>,
): boolean => scope === null || scope.regions.includes(region) || scope.branches.includes(branch)
