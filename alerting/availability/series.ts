import { type Device, identityLabels } from '../../lib/inventory.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { DeviceState, Status } from '../../lib/status.ts'
import type { LiveSeries } from '../series.ts'
import { WATERMARK } from './history.ts'
import type { Fleet } from './fleet.ts'
import type { Transition } from './watch.ts'

/** The sparse record of a device's state: stamped with the first probe of the state, so that its own time is `since`. */
export function transitionSamples(transitions: readonly Transition[]): Sample[] {
  return transitions.map(({ device, state, at }) => stateSample(device, state, at))
}

/** The same, again: what leaves a look-back window or the retention stays known. */
export function assertionSamples(
  states: Iterable<readonly [id: string, state: DeviceState, knownAt: number]>,
): Sample[] {
  return Array.from(states, ([device, state, at]) => stateSample(device, state, at))
}

export const watermarkSample = (watermark: number, at: number): Sample => ({
  measurement: '',
  labels: { component: 'alerting' },
  fields: { [WATERMARK]: watermark / 1000 },
  at,
})

/** `up` is -1 for a device that was switched off or left: whoever reads it takes it for no state at all. */
function stateSample(device: string, state: DeviceState | null, at: number): Sample {
  const up = state === null ? -1 : state.up ? 1 : 0
  return {
    measurement: 'device',
    labels: { device },
    fields: { state_up: up, state_since: (state?.since ?? at) / 1000 },
    at,
  }
}

/** The dense series for people and dashboards: what each device is now. */
export function* statusSeries(fleet: Fleet): Generator<LiveSeries> {
  for (const device of fleet.inventory.values()) {
    const status = fleet.statuses.get(device.id)
    if (status === undefined || status === 'disabled') continue
    const labels = identityLabels(device)
    yield { name: 'device_status', labels: statusLabels(device, status), value: 1 }
    const state = fleet.evidence(device.id)?.state
    if (status === 'unknown' || state === undefined || state === null) continue
    yield { name: 'device_up', labels, value: state.up ? 1 : 0 }
    if (!state.up) yield { name: 'device_down_since_seconds', labels, value: state.since / 1000 }
  }
}

// One label object for one series: encoders and keepers cache by it.
const byStatus = new WeakMap<Device, Map<Status, Labels>>()
function statusLabels(device: Device, status: Status): Labels {
  let all = byStatus.get(device)
  if (all === undefined) byStatus.set(device, (all = new Map()))
  let labels = all.get(status)
  if (labels === undefined) all.set(status, (labels = { ...identityLabels(device), status }))
  return labels
}
