import type { Device, Inventory } from '../../lib/inventory.ts'
import { snmpStaysMs } from '../../lib/status.ts'
import {
  type UplinkState,
  type UplinkSummary,
  summarizeUplinks,
  uplinkState,
} from '../../lib/uplink.ts'
import {
  UPLINK_STATUSES,
  type Uplink,
  type UplinkReading,
  readUplinks,
  seriesKey,
  uplinksOf,
  uplinksQuery,
} from '../../lib/uplink/readings.ts'
import type { Vector } from '../../lib/victoriametrics.ts'
import type { EvaluationContext } from '../rule.ts'

/** An uplink as alerts see it: one that was lost when its device fell silent is lost until it is read again. */
export type BranchUplink = Uplink & { readonly device: Device }

export type Branch = {
  readonly branch: string
  readonly region: string
  readonly uplinks: readonly BranchUplink[]
  readonly summary: UplinkSummary
}

/** The uplinks of each branch; those of devices without a branch are a branch of their own. */
export type UplinkWatch = { read(context: EvaluationContext): Promise<readonly Branch[]> }

/** How far back an uplink is known whose device is silent, and a change of its state. */
const LOOK_BACK_MS = 7 * 86_400_000
const SLACK_MS = 5_000

type Remembered = UplinkReading & { readonly since: number | null }

/** Reads uplinks once for an evaluation, whatever the number of rules that ask, and remembers since when they are what they are. */
export function createUplinkWatch(): UplinkWatch {
  const past = new Map<string, Remembered>()
  let lookedBack = false
  let last: { at: number; branches: readonly Branch[] } = { at: -Infinity, branches: [] }

  async function remember({ query }: EvaluationContext, vector: Vector): Promise<void> {
    const readings = readUplinks(vector)
    const isNews = ([key, reading]: [string, UplinkReading]): boolean => {
      const known = past.get(key)
      return known === undefined ? stateOf(reading) !== 'up' : stateOf(known) !== stateOf(reading)
    }
    const changedAt = [...readings].some(isNews)
      ? changesOf(
          await query(
            `tlast_change_over_time(${UPLINK_STATUSES}[${LOOK_BACK_MS}ms]) keep_metric_names`,
          ),
        )
      : new Map<string, number>()
    for (const [key, reading] of readings) {
      const known = past.get(key)
      const isSame = known !== undefined && stateOf(known) === stateOf(reading)
      const since = isSame ? known.since : (changedAt.get(seriesKey(reading.labels)) ?? null)
      past.set(key, { ...reading, since })
    }
  }

  async function read(context: EvaluationContext): Promise<readonly Branch[]> {
    const { fleet, at, query } = context
    const windowMs = windowOf(fleet.inventory)
    if (windowMs === null) return []
    const vector = await query(uplinksQuery(lookedBack ? windowMs : LOOK_BACK_MS))
    if (vector.length > 0) await remember(context, vector)
    lookedBack = true
    for (const [key, { labels }] of past)
      if (!fleet.inventory.has(labels['device'] ?? '')) past.delete(key)
    if (past.size === 0) return []
    const polls = await readPolls(context, windowMs)
    const found = uplinksOf(new Map(), past, {
      inventory: fleet.inventory,
      polled: (id) => polls.get(id) ?? null,
      at,
    })
    return branchesOf(fleet.inventory, found, lastKnown(past))
  }

  return {
    async read(context) {
      if (last.at !== context.at) last = { at: context.at, branches: await read(context) }
      return last.branches
    },
  }
}

/** As long as an answer to SNMP counts; null where no device is polled. */
function windowOf(inventory: Inventory): number | null {
  let longest = 0
  for (const { enabled, snmp } of inventory.values())
    if (enabled && snmp !== null) longest = Math.max(longest, snmp.intervalMs)
  return longest === 0 ? null : Math.ceil(snmpStaysMs(longest, false)) + SLACK_MS
}

type Poll = { readonly up: boolean; readonly at: number }

async function readPolls(
  { query }: EvaluationContext,
  windowMs: number,
): Promise<Map<string, Poll>> {
  const ups = await query(`last_over_time(snmp_up[${windowMs}ms])`)
  const stamps = await query(`tlast_over_time(snmp_up[${windowMs}ms])`)
  const upOf = new Map(ups.map(({ labels, value }) => [seriesKey(labels), value > 0]))
  const polls = new Map<string, Poll>()
  for (const { labels, value } of stamps) {
    const device = labels['device'] ?? ''
    const at = Math.round(value * 1000)
    // A device that moved has two series for a while.
    if ((polls.get(device)?.at ?? -Infinity) >= at) continue
    polls.set(device, { up: upOf.get(seriesKey(labels)) ?? false, at })
  }
  return polls
}

/** When ifOperStatus or ifAdminStatus of an interface changed last, or was read first. */
function changesOf(vector: Vector): Map<string, number> {
  const newest = new Map<string, number>()
  for (const { labels, value } of vector) {
    if (!Number.isFinite(value)) continue
    const key = seriesKey(labels)
    newest.set(key, Math.max(newest.get(key) ?? 0, Math.round(value * 1000)))
  }
  return newest
}

const stateOf = (reading: UplinkReading): UplinkState => uplinkState({ ...reading, isFresh: true })

/** What was read last of each uplink of each device, by the names that it goes by. */
function lastKnown(past: ReadonlyMap<string, Remembered>): ReadonlyMap<string, Remembered> {
  const known = new Map<string, Remembered>()
  for (const reading of past.values()) {
    const { labels } = reading
    const name = labels['ifName'] || labels['ifDescr'] || labels['ifIndex'] || ''
    const key = JSON.stringify([labels['device'], labels['uplink'], name])
    if ((known.get(key)?.at ?? 0) <= reading.at) known.set(key, reading)
  }
  return known
}

function branchesOf(
  inventory: Inventory,
  found: ReadonlyMap<string, readonly Uplink[]>,
  known: ReadonlyMap<string, Remembered>,
): Branch[] {
  const branches = new Map<string, BranchUplink[]>()
  for (const [id, uplinks] of found) {
    const device = inventory.get(id)
    if (device === undefined) continue
    const { branch, region } = device
    const key = JSON.stringify(branch === '' ? [id] : [region, branch])
    const all = branches.get(key) ?? []
    branches.set(key, all)
    for (const uplink of uplinks) all.push({ ...asTold(uplink, id, known), device })
  }
  return [...branches.values()].map((uplinks) => ({
    branch: uplinks[0]?.device.branch ?? '',
    region: uplinks[0]?.device.region ?? '',
    uplinks,
    summary: summarizeUplinks(uplinks.map(({ state }) => state)),
  }))
}

/** A device that falls silent doesn't bring its uplink back: what was lost then still is, for all that anybody knows. */
function asTold(uplink: Uplink, device: string, known: ReadonlyMap<string, Remembered>): Uplink {
  if (uplink.state !== 'unknown') return uplink
  const last = known.get(JSON.stringify([device, uplink.name, uplink.interface]))
  if (last === undefined || stateOf(last) !== 'down') return uplink
  return { ...uplink, state: 'down', since: last.since }
}
