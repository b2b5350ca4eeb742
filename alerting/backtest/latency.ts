import type { Device } from '../../lib/inventory.ts'

/** How long after its stamp a sample is known to alerting: a probe without an answer waits for one. */
export type Latency = (device: Device, up: boolean) => number

const ECHO_PERIOD_MS = 100
const STORED_MS = 500

export const probeLatency: Latency = ({ ping }, up) =>
  up ? STORED_MS : ping.count * ECHO_PERIOD_MS + ping.timeoutMs + STORED_MS
