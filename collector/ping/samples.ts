import { type Device, identityLabels } from '../../lib/inventory.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { Echoes } from './fping.ts'

/** The sample of one probe. Without an answer there is no round trip: the field is left out, never 0. */
export function pingSample(labels: Labels, echoes: Echoes, slotAt: number): Sample {
  const answered = echoes.filter((echo) => echo !== null)
  const total = answered.reduce((sum, rtt) => sum + rtt, 0)
  return {
    measurement: 'ping',
    labels,
    at: slotAt,
    fields: {
      up: answered.length > 0 ? 1 : 0,
      loss_ratio: 1 - answered.length / echoes.length,
      sent: echoes.length,
      received: answered.length,
      ...(answered.length > 0 ? { rtt_seconds: round(total / answered.length) } : {}),
    },
  }
}

/** To the microsecond, which is what fping knows. */
const round = (seconds: number): number => Math.round(seconds * 1e6) / 1e6

/** Identity labels with the vantage: one object for one device, so that the encoder can cache by it. */
export function createVantageLabels(vantage: string): (device: Device) => Labels {
  const cache = new WeakMap<Device, Labels>()
  return (device) => {
    let labels = cache.get(device)
    if (labels === undefined) {
      labels = { ...identityLabels(device), vantage }
      cache.set(device, labels)
    }
    return labels
  }
}
