import type { OpenAPIHono } from '@hono/zod-openapi'
import type { z } from '@hono/zod-openapi'
import { checked, windowSchema as keptWindowSchema } from '../../lib/decisions/schemas.ts'
import { type MaintenanceWindow, spansBetween } from '../../lib/decisions/window.ts'
import type { ApiParts } from '../app.ts'
import type { Principal } from '../auth/principal.ts'
import { inventoryFor, viewFor } from '../auth/scope.ts'
import { calendarOf, calendarSpan } from '../decisions/calendar.ts'
import { isInside, outside } from '../decisions/inside.ts'
import { listed } from '../decisions/listed.ts'
import {
  addRoute,
  calendarRoute,
  changeRoute,
  listRoute,
  oneRoute,
  removeRoute,
} from '../decisions/maintenance-described.ts'
import { previewJson } from '../decisions/preview.ts'
import { deciding } from '../decisions/refused.ts'
import { matchersOf } from '../decisions/subject.ts'
import { touched } from '../decisions/touched.ts'
import {
  type WindowJson,
  byWindowState,
  isConfigured,
  type newWindowSchema,
  occurrenceJson,
  scheduleOf,
  windowJson,
} from '../decisions/window-json.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { Problem } from '../problem.ts'

/** Occurrences that a preview shows. */
const SHOWN = 5
const YEAR_MS = 366 * 86_400_000

/** Planned work. */
export function maintenanceRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { view, inventory, decisions, clock } = parts

  const devicesOf = (principal: Principal) => inventoryFor(inventory.current, principal)
  const jsonOf = (window: MaintenanceWindow, principal: Principal): WindowJson =>
    windowJson(window, clock.now(), devicesOf(principal))
  const isSeen = ({ matchers }: MaintenanceWindow, principal: Principal): boolean =>
    principal.scope === null || touched(matchers, devicesOf(principal)).length > 0

  /** The window, if it can be about a device that this principal sees. Throws Problem. */
  function seen(id: string, principal: Principal): MaintenanceWindow {
    const window = decisions.current.windows.find((each) => each.id === id)
    if (window !== undefined && isSeen(window, principal)) return window
    throw new Problem(404, 'Not found', `no maintenance window has the id ${id}`)
  }

  /** The same, if this principal may change it. */
  function changeable(id: string, principal: Principal): MaintenanceWindow {
    const window = seen(id, principal)
    if (!isInside(window.matchers, principal.scope) && principal.scope !== null)
      throw outside(principal.scope)
    if (!isConfigured(window)) return window
    const detail = `${window.name} stands in the configuration: change it in maintenance: there`
    throw new Problem(409, 'Stands in the configuration', detail, {
      current: jsonOf(window, principal),
    })
  }

  function draftOf(
    { name, comment, schedule, ...subject }: z.output<typeof newWindowSchema>,
    principal: Principal,
  ) {
    return {
      name,
      comment,
      matchers: matchersOf(subject, devicesOf(principal), principal.scope),
      schedule: scheduleOf(schedule),
      createdBy: principal.name,
    }
  }

  return createEndpoints()
    .openapi(listRoute, (c) => {
      const query = c.req.valid('query')
      const principal = c.get('principal')
      const { page, total } = listed(decisions.current.windows, query, {
        principal,
        inventory: devicesOf(principal),
        json: (window) => jsonOf(window, principal),
        isWanted: (json) => query.state?.includes(stateOf(json)) ?? true,
        order: byWindowState,
      })
      c.header('X-Total-Count', String(total))
      c.header('Cache-Control', 'no-store')
      return c.json(page, 200)
    })
    .openapi(calendarRoute, (c) => {
      const span = calendarSpan(c.req.valid('query'), clock.now())
      const principal = c.get('principal')
      const own = decisions.current.windows.filter((window) => isSeen(window, principal))
      const { occurrences, isWhole } = calendarOf(own, span)
      if (!isWhole) c.header('X-Incomplete', 'true')
      c.header('Cache-Control', 'no-store')
      return c.json(occurrences, 200)
    })
    .openapi(oneRoute, (c) => {
      const principal = c.get('principal')
      c.header('Cache-Control', 'no-store')
      return c.json(jsonOf(seen(c.req.valid('param').id, principal), principal), 200)
    })
    .openapi(addRoute, async (c) => {
      const principal = c.get('principal')
      const draft = draftOf(c.req.valid('json'), principal)
      const at = clock.now()
      const would = { ...draft, id: 'preview', updatedAt: at }
      await deciding(async () => void checked(keptWindowSchema, would, 'window'))
      if (!c.req.valid('query').dry_run) {
        const window = await deciding(() => decisions.putWindow(draft))
        return c.json(jsonOf(window, principal), 201)
      }
      const { alerts } = viewFor(await view.current(), principal)
      const begins = draft.schedule.kind === 'once' ? draft.schedule.startsAt : at
      const spans = spansBetween(would, { from: begins, until: begins + YEAR_MS }, SHOWN)
      return c.json(
        {
          ...previewJson(draft.matchers, devicesOf(principal), alerts),
          occurrences: spans.map((span) => occurrenceJson(would, span)),
        },
        200,
      )
    })
    .openapi(changeRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { updated_at, ...given } = c.req.valid('json')
      const principal = c.get('principal')
      const known = changeable(id, principal)
      const draft = { ...draftOf(given, principal), id, updatedFrom: updated_at ?? known.updatedAt }
      const window = await deciding(
        () => decisions.putWindow(draft),
        async () => {
          await decisions.refresh().catch(() => {}) // what is known then is what can be told
          return jsonOf(seen(id, principal), principal)
        },
      )
      return c.json(jsonOf(window, principal), 200)
    })
    .openapi(removeRoute, async (c) => {
      const { id } = c.req.valid('param')
      const principal = c.get('principal')
      // One that can't be read is in no list; whoever may see all may remove it still.
      if (principal.scope !== null || isConfigured({ id })) changeable(id, principal)
      await deciding(() => decisions.removeWindow(id, principal.name))
      return c.body(null, 204)
    })
}

function stateOf({ active_until, next }: WindowJson): 'active' | 'pending' | 'over' {
  if (active_until !== null) return 'active'
  return next === null ? 'over' : 'pending'
}
