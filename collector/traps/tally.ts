import { type Device, type Inventory, identityLabels } from '../../lib/inventory.ts'
import { type Labels, labelsKey } from '../../lib/labels.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import { trapName } from './names.ts'

/**
 * Counts traps as `snmp_traps_total{trap,name,vantage}` of each device, those that came to this collector: a device may send
 * to several. A counter begins with 0, at its first trap, and again after a restart: that 0 stands before the first count,
 * so that increase() sees the first trap and the restart is a reset.
 */
export type Tally = {
  count(device: Device, trapOid: string): void
  /** What is to be written at `at`: counters that moved, and those that were last written a minute ago. */
  samples(at: number): Sample[]
  /** Forgets devices that left, or that have other labels now: those begin with 0 again. */
  retain(inventory: Inventory): void
}

/** Distinct traps without a name of one device; further ones count together as OTHER. Those with a name are few. */
export const MOST_TRAPS = 32
export const OTHER = 'other'

const KEEP_ALIVE_MS = 60_000
/** A counter that stood still for so long ends; its next trap begins with 0 again. */
const FORGET_MS = 86_400_000

type Series = {
  readonly labels: Labels
  total: number
  written: number
  /** NaN before the first time. */
  writtenAt: number
  movedAt: number
}
type Counted = { readonly identity: string; readonly series: Map<string, Series> }

/** `startedAt`: nothing is stamped before it, where another life of this counter may have left its samples. */
export function createTally(startedAt: number, vantage: string): Tally {
  const counted = new Map<string, Counted>()

  function seriesOf(device: Device, trapOid: string): Series {
    const labels = identityLabels(device)
    let own = counted.get(device.id)
    if (own === undefined) {
      own = { identity: labelsKey(labels), series: new Map() }
      counted.set(device.id, own)
    }
    let trap = trapOid
    const name = trapName(trapOid)
    if (name === '' && !own.series.has(trapOid) && unnamedOf(own) >= MOST_TRAPS) trap = OTHER
    let series = own.series.get(trap)
    if (series === undefined) {
      series = {
        labels: { ...labels, trap, name, vantage },
        total: 0,
        written: 0,
        writtenAt: Number.NaN,
        movedAt: startedAt,
      }
      own.series.set(trap, series)
    }
    return series
  }

  return {
    count(device, trapOid) {
      seriesOf(device, trapOid).total++
    },
    samples(at) {
      const samples: Sample[] = []
      for (const [id, { series }] of counted) {
        for (const [trap, one] of series) {
          samples.push(...samplesOf(one, at, startedAt))
          if (at - one.movedAt >= FORGET_MS) series.delete(trap)
        }
        if (series.size === 0) counted.delete(id)
      }
      return samples
    },
    retain(inventory) {
      for (const [id, { identity }] of counted) {
        const device = inventory.get(id)
        if (device === undefined || labelsKey(identityLabels(device)) !== identity)
          counted.delete(id)
      }
    },
  }
}

function unnamedOf({ series }: Counted): number {
  let unnamed = 0
  for (const [trap, { labels }] of series) if (labels['name'] === '' && trap !== OTHER) unnamed++
  return unnamed
}

function samplesOf(series: Series, at: number, startedAt: number): Sample[] {
  const { labels, total, written, writtenAt } = series
  const sample = (value: number, stamp: number): Sample => ({
    measurement: 'snmp',
    labels,
    fields: { traps_total: value },
    at: stamp,
  })
  // Also when the clock was set back.
  const isKept = Math.abs(at - writtenAt) < KEEP_ALIVE_MS
  if (total === written && isKept) return []
  const samples = [sample(total, at)]
  if (total !== written) series.movedAt = at
  // The value before the step is there when the step comes: 0 for a new counter.
  if (!isKept && total !== written) {
    samples.unshift(sample(written, Math.min(at, Math.max(at - 1000, startedAt))))
  }
  series.written = total
  series.writtenAt = at
  return samples
}
