import type { Device } from '../../lib/inventory.ts'
import type { EvaluationContext, Expression, Result } from '../rule.ts'

/**
 * An expression over "the last n probes": evaluated once for each interval in use, with windows of that interval, and
 * each time only the devices that have it are heard. A constant number of queries, whatever the fleet's size.
 *
 * While a device's collector is blind, and for `spoiltMs` after it, as far as the windows look back, what fires goes on,
 * and nothing begins.
 */
export function overProbes(
  intervalOf: (device: Device) => number | undefined,
  expr: (intervalMs: number) => string,
  spoiltMs: (intervalMs: number) => number,
): Expression {
  let last: readonly Result[] = []

  function isSpoilt(device: Device, { fleet, at }: EvaluationContext): boolean {
    const seesSince = fleet.seesSince(device.id)
    return seesSince === Infinity || at - seesSince < spoiltMs(intervalOf(device) ?? 0)
  }

  /** What fires of devices of which nothing is known now. */
  function goingOn(results: readonly Result[], context: EvaluationContext): readonly Result[] {
    const { fleet, firing } = context
    const given = new Set(results.map(deviceOf))
    return last.filter((result) => {
      const id = deviceOf(result)
      const device = fleet.inventory.get(id)
      if (device?.enabled !== true || !firing.has(id) || given.has(id)) return false
      return isSpoilt(device, context)
    })
  }

  return async (context) => {
    const { fleet, query, firing } = context
    const intervals = new Set<number>()
    for (const device of fleet.inventory.values()) {
      const interval = device.enabled ? intervalOf(device) : undefined
      if (interval !== undefined) intervals.add(interval)
    }
    const results: Result[] = []
    for (const interval of intervals) {
      for (const point of await query(expr(interval))) {
        const device = fleet.inventory.get(deviceOf(point))
        if (device === undefined || intervalOf(device) !== interval) continue
        if (firing.has(device.id) || !isSpoilt(device, context)) results.push(point)
      }
    }
    last = [...results, ...goingOn(results, context)]
    return last
  }
}

const deviceOf = ({ labels }: Result): string => labels['device'] ?? ''
