import type { Device } from '../../lib/inventory.ts'
import type { Expression, Result } from '../rule.ts'

/**
 * An expression over "the last n probes": evaluated once for each interval in use, with windows of that interval, and
 * each time only the devices that have it are heard. A constant number of queries, whatever the fleet's size.
 */
export function overProbes(
  intervalOf: (device: Device) => number | undefined,
  expr: (intervalMs: number) => string,
): Expression {
  return async ({ fleet, query }) => {
    const intervals = new Set<number>()
    for (const device of fleet.inventory.values()) {
      const interval = device.enabled ? intervalOf(device) : undefined
      if (interval !== undefined) intervals.add(interval)
    }
    const results: Result[] = []
    for (const interval of intervals) {
      for (const point of await query(expr(interval))) {
        const device = fleet.inventory.get(point.labels['device'] ?? '')
        if (device !== undefined && intervalOf(device) === interval) results.push(point)
      }
    }
    return results
  }
}
