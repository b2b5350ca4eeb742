import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Change } from './network.ts'
import type { Action } from './script.ts'

/** One line of the truth log: what was really done to one device. Instants are Unix milliseconds. */
export type TruthEntry = {
  /** From here on it holds. */
  readonly at: number
  /** Until here it surely didn't hold: between the two lies the change itself, some milliseconds. */
  readonly asked_at: number
  readonly device: string
  readonly address: string
  readonly action: Action
  readonly percent?: number
  readonly cause?: string
}

export type Outage = {
  readonly device: string
  readonly address: string
  readonly down: Change
  /** Null while it lasts. */
  readonly up: Change | null
}

/** What the network really did, in an append-only file of JSON lines: what wardline says is compared with it. */
export type Truth = {
  readonly path: string
  record(entries: readonly TruthEntry[]): void
  entries(): TruthEntry[]
  outages(): Outage[]
}

export function openTruth(path: string): Truth {
  mkdirSync(dirname(path), { recursive: true })
  appendFileSync(path, '')
  const entries = () => readTruth(path)
  return {
    path,
    record(added) {
      if (added.length > 0)
        appendFileSync(path, added.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    },
    entries,
    outages: () => outagesOf(entries()),
  }
}

export function readTruth(path: string): TruthEntry[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TruthEntry)
}

/** In the order in which they began. */
export function outagesOf(entries: Iterable<TruthEntry>): Outage[] {
  const outages: Outage[] = []
  const open = new Map<string, number>()
  for (const { at, asked_at: askedAt, device, address, action } of entries) {
    const place = open.get(device)
    if (action === 'down' && place === undefined) {
      open.set(device, outages.length)
      outages.push({ device, address, down: { askedAt, at }, up: null })
    }
    const outage = place === undefined ? undefined : outages[place]
    if (action === 'up' && place !== undefined && outage !== undefined) {
      outages[place] = { ...outage, up: { askedAt, at } }
      open.delete(device)
    }
  }
  return outages
}
