import { type Labels, labelsKey } from '../../lib/labels.ts'
import type { Vector } from '../../lib/victoriametrics.ts'
import { isoOrNull, orNull } from '../device-json.ts'
import { ADMIN_STATES, type InterfaceJson, OPER_STATES } from './schema.ts'

/** One set of labels that an interface had, and what was polled under it. */
type Face = {
  readonly labels: Labels
  readonly values: ReadonlyMap<string, number>
  /** Unix milliseconds. */
  readonly seenAt: number
}

/**
 * Pure: the interfaces in an answer to `interfacesQuery`, by index. One whose alias or name changed has several series for a
 * while: the newest speaks for it. One that its device doesn't tell of any more is left out; all are told while the device
 * is silent.
 */
export function readInterfaces(vector: Vector, staleMs: number): InterfaceJson[] {
  const faces = facesOf(vector)
  const newestAt = faces.reduce((newest, { seenAt }) => Math.max(newest, seenAt), 0)
  const present = faces.filter(({ seenAt }) => newestAt - seenAt <= staleMs)
  const byIndex = Map.groupBy(present, ({ labels }) => labels['ifIndex'] ?? '')
  return [...byIndex]
    .flatMap(([index, own]) => {
      const newestFirst = own.toSorted((one, other) => other.seenAt - one.seenAt)
      const [newest] = newestFirst
      return newest === undefined || !/^\d+$/.test(index)
        ? []
        : [toInterface(Number(index), newest, newestFirst)]
    })
    .sort((one, other) => one.index - other.index)
}

function facesOf(vector: Vector): Face[] {
  const found = new Map<string, { labels: Labels; values: Map<string, number> }>()
  for (const { labels, value } of vector) {
    if (!Number.isFinite(value)) continue
    const { __name__: name = '', ...own } = labels
    const key = labelsKey(own)
    const face = found.get(key) ?? { labels: own, values: new Map<string, number>() }
    face.values.set(name, value)
    found.set(key, face)
  }
  return [...found.values()].flatMap(({ labels, values }) => {
    const seen = values.get('seen')
    return seen === undefined ? [] : [{ labels, values, seenAt: Math.round(seen * 1000) }]
  })
}

function toInterface(
  index: number,
  { labels, values }: Face,
  newestFirst: readonly Face[],
): InterfaceJson {
  /** The first of these that the interface has, under its newest labels that have any. */
  const valueOf = (...metrics: readonly string[]): number | null => {
    for (const face of newestFirst)
      for (const metric of metrics) {
        const value = face.values.get(metric)
        if (value !== undefined) return value
      }
    return null
  }
  const changed = values.get('changed')
  const speed = valueOf('ifHighSpeed')
  return {
    index,
    name: nameOf(labels),
    alias: orNull(labels['ifAlias'] ?? ''),
    admin: wordOf(ADMIN_STATES, valueOf('ifAdminStatus')),
    oper: wordOf(OPER_STATES, valueOf('ifOperStatus')),
    // 0: less than half a million bits a second, or the agent doesn't know.
    speed_bps: speed === null || speed === 0 ? null : speed * 1e6,
    in_bps: bits(valueOf('ifHCInOctets', 'ifInOctets')),
    out_bps: bits(valueOf('ifHCOutOctets', 'ifOutOctets')),
    in_errors_per_second: thousandths(valueOf('ifInErrors')),
    out_errors_per_second: thousandths(valueOf('ifOutErrors')),
    in_discards_per_second: thousandths(valueOf('ifInDiscards')),
    out_discards_per_second: thousandths(valueOf('ifOutDiscards')),
    uplink: orNull(labels['uplink'] ?? ''),
    last_change_at: isoOrNull(changed === undefined ? null : Math.round(changed * 1000)),
  }
}

export const nameOf = (labels: Labels): string =>
  labels['ifName'] || labels['ifDescr'] || labels['ifIndex'] || ''

function wordOf<T extends string>(
  words: Readonly<Record<number, T>>,
  value: number | null,
): T | null {
  return value === null ? null : (words[value] ?? null)
}

/** Octets as bits; whole ones. */
export const bits = (octets: number | null): number | null =>
  octets === null ? null : Math.max(0, Math.round(octets * 8))

export const thousandths = (value: number | null): number | null =>
  value === null ? null : Math.max(0, Math.round(value * 1e3) / 1e3)
