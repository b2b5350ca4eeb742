import { viewFor } from '../auth/scope.ts'
import type { Principal } from '../auth/principal.ts'
import type { HealthJson, StatsJson } from '../health-schema.ts'
import type { View } from '../view/build.ts'
import { alertsMark, changesBetween } from './changes.ts'
import type { EventClient } from './client.ts'
import { type Encode, comment, statusData } from './encode.ts'

/** All readers who see the same part of the fleet: what happens in it is encoded once for all of them. */
export type Audience = {
  readonly size: number
  /** `latest` is the whole view of now, null when there is none that may be told; `failure` why not. */
  add(client: EventClient, latest: View | null, failure: Error | null): void
  remove(client: EventClient): void
  refreshed(next: View): void
  /** There is no view to be had. */
  failed(error: Error): void
  heartbeat(): void
}

export type AudienceParts = {
  readonly stats: (view: View) => StatsJson
  readonly health: (view: View | null, failure: string | null) => HealthJson
  readonly encode: Encode
  /** The tag of the page that this process serves. */
  readonly page: string
  /** This reader didn't keep up: it is to be dropped. */
  readonly tooSlow: (client: EventClient) => void
  readonly now: () => number
}

/** More changed devices than this are told as one `reload`: the list is cheaper to fetch, and compressed. */
const RELOAD_ABOVE = 1_000

/** How often health is told in which figures alone have changed, as the number of silent devices does with every view. */
const FIGURES_MS = 10_000

/** Those who see what `principal` sees. */
export function createAudience(principal: Principal, parts: AudienceParts): Audience {
  const { stats, health, encode, page, tooSlow, now } = parts
  const clients = new Set<EventClient>()
  let before: View | null = null
  let toldAlerts = ''
  let toldHealth: string | null = null
  let toldHealthAt = -Infinity

  function add(client: EventClient, latest: View | null, failure: Error | null): void {
    clients.add(client)
    const view = latest === null ? null : viewFor(latest, principal)
    client.send(encode('page', { tag: page }))
    if (view !== null) {
      client.send(encode('stats', stats(view)))
      greet(client, health(view, null))
    } else if (failure !== null) {
      greet(client, health(null, failure.message))
    }
    if (before !== null || view === null) return
    // The list that a reader fetches may be as old as the last view: what changed since then is told too.
    before = view
    toldAlerts = alertsMark(view)
  }

  /** Whoever comes knows no other figures than the rest: they would not hear of them going back to what the rest was told. */
  function greet(client: EventClient, assessed: HealthJson): void {
    if (healthMark(assessed) === toldHealth) client.send(encode('health', assessed))
    else publishHealth(assessed)
  }

  function refreshed(whole: View): void {
    const next = viewFor(whole, principal)
    if (before !== null) tellChanges(before, next)
    tellHealth(health(next, null))
    publish(encode('stats', stats(next)))
    before = next
  }

  function tellChanges(from: View, next: View): void {
    const { rows, removed } = changesBetween(from, next)
    if (rows.length > RELOAD_ABOVE) publish(encode('reload', { as_of: isoOf(next) }))
    else if (rows.length > 0 || removed.length > 0) {
      publish(encode('status', statusData(rows, removed, next)))
    }
    const mark = alertsMark(next)
    if (mark !== toldAlerts) publish(encode('alerts', { as_of: isoOf(next) }))
    toldAlerts = mark
    if (from.decided !== next.decided) publish(encode('decisions', { as_of: isoOf(next) }))
  }

  /** At once when something else is wrong; when figures alone are others, as often as a person can follow. */
  function tellHealth(assessed: HealthJson): void {
    const told = healthMark(assessed)
    if (told === toldHealth) return
    const sameBut = toldHealth !== null && withoutFigures(told) === withoutFigures(toldHealth)
    // A clock that was set back is no reason to be silent.
    if (sameBut && Math.abs(now() - toldHealthAt) < FIGURES_MS) return
    publishHealth(assessed)
  }

  function publishHealth(assessed: HealthJson): void {
    toldHealth = healthMark(assessed)
    toldHealthAt = now()
    publish(encode('health', assessed))
  }

  function publish(chunk: Uint8Array): void {
    for (const client of clients) if (!client.send(chunk)) tooSlow(client)
  }

  return {
    get size() {
      return clients.size
    },
    add,
    remove: (client) => void clients.delete(client),
    refreshed,
    failed: (error) => tellHealth(health(null, error.message)),
    heartbeat: () => publish(comment('heartbeat')),
  }
}

const isoOf = ({ at }: View): string => new Date(at).toISOString()

const healthMark = ({ status, reasons }: HealthJson): string => `${status} ${reasons.join()}`

/** Digits within a name, as of collector c1, are none. */
const withoutFigures = (text: string): string => text.replaceAll(/\b\d+\b/g, '#')
