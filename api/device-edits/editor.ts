import type { Context } from 'hono'
import type { Device } from '../../lib/inventory.ts'
import type { Changes } from '../../lib/inventory/edits/changes.ts'
import type { Asking, DeviceEdits } from '../../lib/inventory/edits/device-edits.ts'
import type { Refusal } from '../../lib/inventory/edits/edit-error.ts'
import type { Operation } from '../../lib/inventory/edits/operation.ts'
import type { Plan } from '../../lib/inventory/edits/plan.ts'
import { type Definition, type State, deviceMeant } from '../../lib/inventory/edits/state.ts'
import { toldTo } from '../../lib/inventory/edits/told.ts'
import { noticesAbout } from '../../lib/inventory/edits/worth-a-look.ts'
import type { ApiParts } from '../app.ts'
import { type Principal, sees } from '../auth/principal.ts'
import type { ApiEnv } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import { definitionJson, lookJson } from './json.ts'
import { answering, problemItem } from './refusal.ts'
import type { DefinitionJson, LookJson, ProblemItemJson } from './schemas.ts'
import { shownIn } from './shown.ts'

/** Editing devices in the name of one who asks: within their scope, and nothing outside of it is there for them. */
export type Editor = {
  readonly edits: DeviceEdits
  readonly asking: Asking
  /** Does it, and resolves once the next answers have it. Rejects with Problem. */
  apply(
    operations: readonly Operation[],
    asking?: Partial<Asking>,
    itemOf?: (refusal: Refusal) => ProblemItemJson,
  ): Promise<Plan>
  /** Null for a device that isn't there for the one who asks. */
  definition(id: string): Definition | null
  edited(): Definition[]
  /** What changes of each device that is planned, by id. */
  changes(plan: Plan): ReadonlyMap<string, Changes>
  look(plan: Plan, lineOf?: (id: string) => number | null): LookJson[]
}

export function editorFor(
  { inventory, view, clock }: Pick<ApiParts, 'inventory' | 'view' | 'clock'>,
  principal: Principal,
): Editor {
  const { edits } = inventory
  if (edits === undefined)
    throw new Problem(503, 'Not possible now', 'devices come from files alone here')
  const allows =
    principal.scope === null ? null : (device: Device): boolean => sees(principal, device)
  const asking: Asking = { who: principal.name, allows }
  const isSeenIn = (state: State, id: string): boolean => {
    if (allows === null) return true
    const device = deviceMeant(state, id)
    return device !== null && allows(device)
  }
  const isSeen = (id: string): boolean => isSeenIn(edits.state, id)
  const shown = (whole: Definition): Definition =>
    allows === null ? whole : withoutOthers(whole, isSeen)
  const definition = (id: string): Definition | null => {
    const whole = isSeen(id) ? edits.definition(id) : null
    return whole && shown(whole)
  }
  return {
    edits,
    asking,
    async apply(operations, more = {}, itemOf = problemItem) {
      const [only] = operations
      const plan = await answering(() => edits.apply(operations, { ...asking, ...more }), {
        current: () => (only === undefined ? null : definition(only.id)),
        itemOf,
      })
      if (plan.writes.length > 0) await shownIn(view, clock.now())
      return plan
    },
    definition,
    edited: () =>
      edits
        .edited()
        .filter(({ id }) => isSeen(id))
        .map(shown),
    changes({ state, planned }) {
      const isSeenThen = (id: string): boolean => isSeenIn(state, id)
      return new Map(planned.map(({ id, changes }) => [id, changesSeen(changes, isSeenThen)]))
    },
    look({ state, planned }, lineOf = () => null) {
      const ids = new Set(planned.map(({ id }) => id))
      return noticesAbout(state, ids, allows).map(lookJson(lineOf))
    },
  }
}

/** What it is reached through isn't named where it isn't there for the one who asks. */
function withoutOthers(definition: Definition, isSeen: (id: string) => boolean): Definition {
  const seen = <T extends { readonly parents?: unknown }>(of: T | null): T | null =>
    of?.parents === undefined ? of : { ...of, parents: seenOf(of.parents, isSeen) }
  const { device, file, fields } = definition
  return {
    ...definition,
    device: seen(device),
    file: seen(file),
    fields: seen(fields),
    misfits: definition.misfits.map((misfit) => toldTo(isSeen, misfit)),
  }
}

function changesSeen(changes: Changes, isSeen: (id: string) => boolean): Changes {
  const { parents, ...others } = changes
  if (parents === undefined) return changes
  const [before, after] = [seenOf(parents.before, isSeen), seenOf(parents.after, isSeen)]
  const isSame = JSON.stringify(before) === JSON.stringify(after)
  return isSame ? others : { ...changes, parents: { before, after } }
}

const seenOf = (ids: unknown, isSeen: (id: string) => boolean): unknown =>
  Array.isArray(ids) ? ids.filter((id) => isSeen(String(id))) : ids

/** `If-Match: "…"`: the version that was looked at; undefined where there is none, or any will do. */
export function expectedVersion(c: Context<ApiEnv>): string | undefined {
  const header = c.req.header('if-match')?.trim()
  if (header === undefined || header === '*') return undefined
  return header.replace(/^W\//, '').replace(/^"(.*)"$/, '$1')
}

/** With its version as ETag, so that the next change can name it. */
export function tellDefinition(c: Context<ApiEnv>, definition: Definition): DefinitionJson {
  c.header('ETag', `"${definition.version}"`)
  c.header('Cache-Control', 'no-store')
  return definitionJson(definition)
}
