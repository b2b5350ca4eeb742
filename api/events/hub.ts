import type { Clock } from '../../lib/clock.ts'
import { alertsJson } from '../alerts-json.ts'
import { deviceJson } from '../device-json.ts'
import type { HealthJson, StatsJson } from '../schemas.ts'
import { BOUND_MS, type StatusView } from '../status-view.ts'
import type { View } from '../view/build.ts'
import { alertsMark, changesBetween } from './changes.ts'
import { type EventClient, createEventClient } from './client.ts'

/** The event stream: what changes from view to view, encoded once for all who read it. */
export type EventHub = {
  /** A new reader's stream; null when there are too many. `cut` ends the connection of one that is too slow. */
  connect(cut: () => void): ReadableStream<Uint8Array> | null
  /** Heartbeats; returns, with every stream ended, once the signal aborted. */
  run(signal: AbortSignal): Promise<void>
  readonly clients: number
}

export type EventMeter = { dropped(): void }

const HEARTBEAT_MS = 15_000
const MAX_CLIENTS = 1_000
/** More changed devices than this are told as one `reload`: the list is cheaper to fetch, and compressed. */
const RELOAD_ABOVE = 1_000

export function createEventHub({
  view,
  stats,
  health,
  meter,
  clock,
}: {
  view: StatusView
  stats: (view: View) => StatsJson
  health: (view: View | null, failure: string | null) => HealthJson
  meter: EventMeter
  clock: Clock
}): EventHub {
  const clients = new Map<EventClient, () => void>()
  // Ids grow over restarts, so that a reconnecting client can tell old from new.
  let lastId = clock.now()
  let before: View | null = null
  let toldAlerts = ''
  let toldHealth = ''
  let unsubscribe: (() => void) | null = null

  function connect(cut: () => void): ReadableStream<Uint8Array> | null {
    if (clients.size >= MAX_CLIENTS) return null
    const client: EventClient = createEventClient(() => remove(client))
    clients.set(client, cut)
    client.send(encode('retry: 2000\n\n'))
    const { view: latest, error } = view.last
    if (latest !== null && clock.now() - latest.at <= BOUND_MS) {
      client.send(event('stats', stats(latest)))
      client.send(event('alerts', alertsJson(latest)))
      client.send(event('health', health(latest, null)))
    } else if (error !== null) {
      client.send(event('health', health(null, error.message)))
    }
    if (unsubscribe === null) {
      // The list that this reader fetches may be as old as the last view: what changed since then is told too.
      before = latest
      unsubscribe = view.subscribe({ refreshed, failed })
    }
    return client.body
  }

  function refreshed(next: View): void {
    if (before !== null) tellDevices(before, next)
    const alerts = alertsMark(next)
    if (before === null || alerts !== toldAlerts) publish(event('alerts', alertsJson(next)))
    toldAlerts = alerts
    tellHealth(health(next, null))
    publish(event('stats', stats(next)))
    before = next
  }

  function tellDevices(from: View, next: View): void {
    const { rows, removed } = changesBetween(from, next)
    const as_of = new Date(next.at).toISOString()
    if (rows.length > RELOAD_ABOVE) publish(event('reload', { as_of }))
    else if (rows.length > 0 || removed.length > 0) {
      const devices = rows.map((row) => deviceJson(row, next))
      publish(event('status', { as_of, devices, removed }))
    }
  }

  function failed(error: Error): void {
    const { view: latest } = view.last
    const isTold = latest !== null && clock.now() - latest.at <= BOUND_MS
    if (!isTold) tellHealth(health(null, error.message))
  }

  function tellHealth(assessed: HealthJson): void {
    const told = `${assessed.status} ${assessed.reasons.join()}`
    if (told === toldHealth) return
    toldHealth = told
    publish(event('health', assessed))
  }

  function event(name: string, data: unknown): Uint8Array {
    return encode(`id: ${++lastId}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  function publish(chunk: Uint8Array): void {
    for (const [client, cut] of clients) {
      if (client.send(chunk)) continue
      meter.dropped()
      remove(client)
      client.end()
      cut()
    }
  }

  function remove(client: EventClient): void {
    clients.delete(client)
    if (clients.size > 0) return
    unsubscribe?.()
    unsubscribe = null
    before = null
  }

  return {
    connect,
    get clients() {
      return clients.size
    },
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleepUntil(clock.now() + HEARTBEAT_MS, signal).catch(() => {})
        publish(encode(': heartbeat\n\n'))
      }
      for (const client of clients.keys()) client.end()
      clients.clear()
      unsubscribe?.()
    },
  }
}

const encoder = new TextEncoder()
const encode = (text: string): Uint8Array => encoder.encode(text)
