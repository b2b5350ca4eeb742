import { describe, expect, test } from 'vitest'
import { createCollectorMetrics } from '../../../collector/meter.ts'
import { Registry } from '../../../lib/metrics.ts'

const AT = Date.UTC(2026, 5, 1, 12, 0, 0, 500)

/** `name{labels} value` of every series, as /metrics prints them. */
const series = async (registry: Registry): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))

describe("the collector's metrics", () => {
  test('have the names of the contract, one series for each kind of probe', async () => {
    const registry = new Registry()
    const metrics = createCollectorMetrics(registry)
    for (const kind of ['ping', 'snmp'] as const) {
      const loop = metrics.loop(kind)
      loop.targets(10)
      loop.inFlight(2)
      loop.due(3)
      loop.missed(4)
      loop.missed(1)
      loop.lag(0.25)
      loop.samplesDue(6)
      loop.samplesMade(5)
      loop.success(AT)
    }
    metrics.turned('blindness', AT)
    metrics.share(250, 4)
    metrics.beaten(AT)
    metrics.stored(7, AT)
    metrics.dropped(8, 'overflow')
    metrics.waiting(9)
    metrics.storedRatio('tbilisi-1', 0.999)
    const ofKind = (kind: string) => [
      `wardline_collector_targets{kind="${kind}"} 10`,
      `wardline_collector_in_flight{kind="${kind}"} 2`,
      `wardline_collector_due{kind="${kind}"} 3`,
      `wardline_slots_missed_total{kind="${kind}"} 5`,
      `wardline_slot_lag_seconds{kind="${kind}"} 0.25`,
      `wardline_samples_due_total{kind="${kind}"} 6`,
      `wardline_samples_made_total{kind="${kind}"} 5`,
      `wardline_loop_last_success_timestamp_seconds{loop="${kind}"} ${AT / 1000}`,
    ]
    expect((await series(registry)).sort()).toEqual(
      [
        ...ofKind('ping'),
        ...ofKind('snmp'),
        'wardline_share_devices 250',
        'wardline_members 4',
        `wardline_loop_last_success_timestamp_seconds{loop="blindness"} ${AT / 1000}`,
        `wardline_loop_last_success_timestamp_seconds{loop="membership"} ${AT / 1000}`,
        `wardline_loop_last_success_timestamp_seconds{loop="writer"} ${AT / 1000}`,
        'wardline_samples_stored_total 7',
        'wardline_samples_dropped_total{reason="overflow"} 8',
        'wardline_writer_buffer_bytes 9',
        'wardline_samples_stored_ratio{vantage="tbilisi-1"} 0.999',
      ].sort(),
    )
  })

  test('say nothing of a stored ratio before it was measured', async () => {
    const registry = new Registry()
    createCollectorMetrics(registry)
    expect((await series(registry)).filter((line) => line.includes('stored_ratio'))).toEqual([])
  })

  test('of traps exist where traps are taken, with a 0 for each reason to drop one', async () => {
    const registry = new Registry()
    const traps = createCollectorMetrics(registry).traps(['sender', 'overload'])
    traps.received(12)
    traps.dropped('sender', 5)
    traps.success(AT)
    expect((await series(registry)).filter((line) => line.includes('traps')).sort()).toEqual([
      `wardline_loop_last_success_timestamp_seconds{loop="traps"} ${AT / 1000}`,
      'wardline_traps_dropped_total{reason="overload"} 0',
      'wardline_traps_dropped_total{reason="sender"} 5',
      'wardline_traps_received_total 12',
    ])
  })
})
