import { BLIND } from '../lib/blindness.ts'
import { SPOOL_FROM } from '../lib/lateness.ts'
import { type Registry, metricsOf } from '../lib/metrics.ts'

/** What a probe loop says of itself; one for each kind. Counts are totals, instants Unix milliseconds. */
export type LoopMeter = {
  targets(count: number): void
  inFlight(count: number): void
  due(count: number): void
  /** Targets of slots that were overrun. */
  missed(count: number): void
  /** How late the slot began. */
  lag(seconds: number): void
  samplesDue(count: number): void
  samplesMade(count: number): void
  success(at: number): void
}

/** What the receiver of traps says of itself. */
export type TrapMeter = {
  received(packets: number): void
  dropped(reason: string, packets: number): void
  success(at: number): void
}

export type SnmpMeter = LoopMeter & {
  /** Turns that were left out because the device keeps failing. */
  rested(count: number): void
  /** Packets that were no answer to anything: totals since the start, by reason. */
  dropped(totals: Readonly<Record<string, number>>): void
  /** The devices whose last poll took longest. */
  slowest(devices: readonly { readonly device: string; readonly seconds: number }[]): void
}

export type CollectorMetrics = {
  loop(kind: 'ping' | 'snmp'): LoopMeter
  snmp(): SnmpMeter
  /** Called once, by a collector that takes traps: its counters begin with 0 of each reason. */
  traps(reasons: readonly string[]): TrapMeter
  /** A loop that probes nothing did its work. */
  turned(loop: 'blindness' | 'device_info', at: number): void
  /** What it knows of the collectors that divide the devices, and that Redis answered. */
  share(devices: number, members: number): void
  beaten(at: number): void
  stored(samples: number, at: number): void
  dropped(samples: number, reason: string): void
  waiting(bytes: number): void
  /** Whether the collector has lost its network. */
  blind(vantage: string, isBlind: boolean): void
  /** Stamp of the oldest sample of a vantage that still waits, Unix seconds; 0: none does. */
  spoolFrom(vantage: string, seconds: number): void
  /** Not called before it was measured: until then the series doesn't exist. */
  storedRatio(vantage: string, ratio: number): void
}

export function createCollectorMetrics(registry: Registry): CollectorMetrics {
  const { gauge, counter } = metricsOf(registry)

  const targets = gauge('wardline_collector_targets', 'Targets that are probed', ['kind'])
  const inFlight = gauge('wardline_collector_in_flight', 'Probes under way', ['kind'])
  const due = gauge('wardline_collector_due', 'Probes due in the last slot', ['kind'])
  const missed = counter(
    'wardline_slots_missed_total',
    'Probes skipped because their slot was overrun',
    ['kind'],
  )
  const lag = gauge('wardline_slot_lag_seconds', 'How late the last slot began', ['kind'])
  const samplesDue = counter('wardline_samples_due_total', 'Samples that the plan asked for', [
    'kind',
  ])
  const samplesMade = counter('wardline_samples_made_total', 'Samples that probes made', ['kind'])
  const success = gauge(
    'wardline_loop_last_success_timestamp_seconds',
    'When a loop last did its work',
    ['loop'],
  )
  const stored = counter(
    'wardline_samples_stored_total',
    'Samples that VictoriaMetrics acknowledged',
    [],
  )
  const dropped = counter('wardline_samples_dropped_total', 'Samples given up', ['reason'])
  const waiting = gauge(
    'wardline_writer_buffer_bytes',
    'Encoded samples that wait for VictoriaMetrics',
    [],
  )
  const ratio = gauge(
    'wardline_samples_stored_ratio',
    'Ping samples found in VictoriaMetrics ÷ due, over the last 10 minutes',
    ['vantage'],
  )
  const blind = gauge(BLIND, 'Whether the collector has lost its network', ['vantage'])
  const spoolFrom = gauge(SPOOL_FROM, 'Stamp of the oldest sample that still waits; 0: none does', [
    'vantage',
  ])
  const shareDevices = gauge(
    'wardline_share_devices',
    'Enabled devices that this collector probes',
    [],
  )
  const members = gauge('wardline_members', 'Collectors that divide the devices of the site', [])
  const loop = (kind: 'ping' | 'snmp'): LoopMeter => ({
    targets: (count) => targets.set({ kind }, count),
    inFlight: (count) => inFlight.set({ kind }, count),
    due: (count) => due.set({ kind }, count),
    missed: (count) => missed.inc({ kind }, count),
    lag: (seconds) => lag.set({ kind }, seconds),
    samplesDue: (count) => samplesDue.inc({ kind }, count),
    samplesMade: (count) => samplesMade.inc({ kind }, count),
    success: (at) => success.set({ loop: kind }, at / 1000),
  })
  return {
    loop,
    snmp: () => ({ ...loop('snmp'), ...snmpMetrics(registry) }),
    turned: (name, at) => success.set({ loop: name }, at / 1000),
    traps(reasons) {
      const received = counter(
        'wardline_traps_received_total',
        'Packets that came in at the address for traps',
        [],
      )
      const dropped = counter('wardline_traps_dropped_total', 'Those thrown away', ['reason'])
      for (const reason of reasons) dropped.inc({ reason }, 0)
      return {
        received: (packets) => received.inc(packets),
        dropped: (reason, packets) => dropped.inc({ reason }, packets),
        success: (at) => success.set({ loop: 'traps' }, at / 1000),
      }
    },
    share(devices, count) {
      shareDevices.set(devices)
      members.set(count)
    },
    beaten: (at) => success.set({ loop: 'membership' }, at / 1000),
    stored(samples, at) {
      stored.inc(samples)
      success.set({ loop: 'writer' }, at / 1000)
    },
    dropped: (samples, reason) => dropped.inc({ reason }, samples),
    waiting: (bytes) => waiting.set(bytes),
    spoolFrom: (vantage, seconds) => spoolFrom.set({ vantage }, seconds),
    blind: (vantage, isBlind) => blind.set({ vantage }, Number(isBlind)),
    storedRatio: (vantage, value) => ratio.set({ vantage }, value),
  }
}

function snmpMetrics(registry: Registry): Omit<SnmpMeter, keyof LoopMeter> {
  const { gauge, counter } = metricsOf(registry)
  const rested = counter(
    'wardline_snmp_rested_total',
    'Polls left out because the device keeps failing: it is tried less often',
    [],
  )
  const dropped = counter(
    'wardline_snmp_packets_dropped_total',
    'Packets that came in and were no answer to a request',
    ['reason'],
  )
  const slowest = gauge(
    'wardline_snmp_poll_seconds',
    'How long the last poll took, of the ten devices where it took longest',
    ['device'],
  )
  const told = new Map<string, number>()
  return {
    rested: (count) => rested.inc(count),
    dropped(totals) {
      for (const [reason, total] of Object.entries(totals)) {
        dropped.inc({ reason }, total - (told.get(reason) ?? 0))
        told.set(reason, total)
      }
    },
    slowest(devices) {
      slowest.reset()
      for (const { device, seconds } of devices) slowest.set({ device }, seconds)
    },
  }
}
