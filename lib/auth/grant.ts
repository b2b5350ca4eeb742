import { z } from 'zod'

/** What somebody may do; each may what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** The part of the fleet that somebody sees: devices of any of these regions or branches. Null: all of it. */
export type Scope = { readonly regions: readonly string[]; readonly branches: readonly string[] }

const MOST_NAMES = 200
const names = z
  .array(z.string().min(1, { error: 'expected a name' }).max(200))
  .max(MOST_NAMES, { error: `expected at most ${MOST_NAMES} names` })
  .readonly()

export const scopeSchema = z
  .strictObject({ regions: names.default([]), branches: names.default([]) })
  .refine(({ regions, branches }) => regions.length + branches.length > 0, {
    error: 'expected a region or a branch, or null for the whole fleet',
  })
