import { ROLES, type Role, type Scope } from '../../lib/auth/grant.ts'
import type { Device } from '../../lib/inventory.ts'

export { ROLES, type Role, type Scope } from '../../lib/auth/grant.ts'

/** Who asks. `open` is anybody, where reading is open to all. */
export type Principal = {
  readonly name: string
  readonly kind: 'open' | 'user' | 'token'
  readonly role: Role
  readonly scope: Scope | null
}

/** Anybody who reaches the address, where reading is open to all. */
export const ANYBODY: Principal = { name: 'anybody', kind: 'open', role: 'viewer', scope: null }

/** Who hasn't signed in where reading takes that: sees nothing. */
export const NOBODY: Principal = {
  ...ANYBODY,
  name: 'nobody',
  scope: { regions: [], branches: [] },
}

export const may = ({ role }: Principal, needed: Role): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(needed)

export const sees = (
  { scope }: Principal,
  { region, branch }: Pick<Device, 'region' | 'branch'>,
): boolean => scope === null || scope.regions.includes(region) || scope.branches.includes(branch)
