import type { Clock } from '../../lib/clock.ts'
import type { Principal } from '../auth/principal.ts'
import type { HealthJson, StatsJson } from '../health-schema.ts'
import { BOUND_MS, type StatusView } from '../status-view.ts'
import type { View } from '../view/build.ts'
import { type Audience, createAudience } from './audience.ts'
import { type EventClient, createEventClient } from './client.ts'
import { createEncoder, retryIn } from './encode.ts'
import { type Holder, type NoRoom, createRoom } from './room.ts'

/** The event stream: what changes from view to view, told to each in the part of the fleet that they see. */
export type EventHub = {
  /** A new reader's stream, or why there is no room for it. */
  connect(reader: EventReader): ReadableStream<Uint8Array> | NoRoom
  /** Heartbeats; returns, with every stream ended, once the signal aborted. */
  run(signal: AbortSignal): Promise<void>
  readonly clients: number
}

export type EventReader = Holder & {
  /** Ends the connection: its reader is too slow, and would never see the end of the stream. */
  cut(): void
  /** Whether they may still see what they see: asked at each heartbeat. A session ends, a token is removed. */
  isStill?(): Promise<boolean>
}

export type EventMeter = { dropped(): void; refused(reason: NoRoom): void }

const HEARTBEAT_MS = 15_000
const RETRY_MS = 2_000

export function createEventHub({
  view,
  stats,
  health,
  meter,
  clock,
  page,
  places,
}: {
  view: StatusView
  stats: (view: View) => StatsJson
  health: (view: View | null, failure: string | null) => HealthJson
  meter: EventMeter
  clock: Clock
  /** The tag of the page that this process serves. */
  page: string
  /** How many streams may be open. */
  places: number
}): EventHub {
  const room = createRoom(places)
  const audiences = new Map<string, Audience>()
  const readers = new Map<EventClient, EventReader>()
  const encode = createEncoder(clock.now())
  let unsubscribe: (() => void) | null = null

  function connect(reader: EventReader): ReadableStream<Uint8Array> | NoRoom {
    const refused = room.enter(reader)
    if (refused !== null) {
      meter.refused(refused)
      return refused
    }
    const client: EventClient = createEventClient(() => forget(client))
    const { view: last, error } = view.last
    const latest = last !== null && clock.now() - last.at <= BOUND_MS ? last : null
    client.send(retryIn(RETRY_MS))
    readers.set(client, reader)
    audienceOf(reader).add(client, latest, latest === null ? error : null)
    unsubscribe ??= view.subscribe({ refreshed, failed })
    return client.body
  }

  function audienceOf({ principal }: EventReader): Audience {
    const key = scopeKey(principal)
    const known = audiences.get(key)
    if (known !== undefined) return known
    const made = createAudience(principal, { stats, health, encode, page, tooSlow, now: clock.now })
    audiences.set(key, made)
    return made
  }

  function tooSlow(client: EventClient): void {
    meter.dropped()
    drop(client)
  }

  /** Ends a stream, read or not. */
  function drop(client: EventClient): void {
    const reader = readers.get(client)
    forget(client)
    client.end()
    reader?.cut()
  }

  function forget(client: EventClient): void {
    const reader = readers.get(client)
    if (reader === undefined) return
    readers.delete(client)
    room.leave(reader)
    const key = scopeKey(reader.principal)
    const audience = audiences.get(key)
    audience?.remove(client)
    if (audience?.size === 0) audiences.delete(key)
    if (readers.size > 0) return
    unsubscribe?.()
    unsubscribe = null
  }

  function refreshed(next: View): void {
    for (const audience of audiences.values()) audience.refreshed(next)
  }

  function failed(error: Error): void {
    const { view: latest } = view.last
    const isTold = latest !== null && clock.now() - latest.at <= BOUND_MS
    if (isTold) return
    for (const audience of audiences.values()) audience.failed(error)
  }

  /** Whoever may no longer read is told nothing more. While that can't be asked, they stay. */
  async function checkReaders(): Promise<void> {
    const checks = [...readers].map(async ([client, reader]) => {
      const isStill = (await reader.isStill?.().catch(() => true)) ?? true
      if (!isStill) drop(client)
    })
    await Promise.all(checks)
  }

  return {
    connect,
    get clients() {
      return readers.size
    },
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleepUntil(clock.now() + HEARTBEAT_MS, signal).catch(() => {})
        await checkReaders()
        for (const audience of audiences.values()) audience.heartbeat()
      }
      for (const client of readers.keys()) {
        forget(client)
        client.end()
      }
    },
  }
}

const scopeKey = ({ scope }: Principal): string => JSON.stringify(scope)
