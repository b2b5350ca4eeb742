import type { Acknowledgement } from '../../lib/decisions/acknowledgement.ts'
import type { Decided } from '../../lib/decisions/decided.ts'
import { windowAt } from '../../lib/decisions/window.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import { type DeviceState, type Status, deriveStatuses, isStale } from '../../lib/status.ts'
import type { Alert } from '../view/alerts.ts'
import { nearestDown } from '../view/build.ts'
import { acknowledgementOf } from '../view/decided.ts'
import type { Evidence } from './ask.ts'
import { type Confirmation, confirmationOf } from './confirmation.ts'

export type Parent = {
  readonly id: string
  readonly status: Status | null
  readonly since: number | null
}

/** Why an alert wasn't told, with the person behind it. */
export type Held = {
  readonly alert: string
  readonly by: string
  readonly cause: string
  readonly name: string | null
  readonly createdBy: string | null
  readonly comment: string | null
  readonly until: number | null
}

/** What a device is at an instant, and all that made it so. Instants are Unix milliseconds. */
export type Verdict = {
  readonly device: Device
  readonly at: number
  readonly status: Status
  readonly state: DeviceState | null
  readonly since: number | null
  readonly lastSampleAt: number | null
  readonly isStale: boolean
  /** Since when its collector has lost its network; null while that sees. */
  readonly blindSince: number | null
  /** Up to when its samples are complete, where later ones are on their way; null: they all are there. */
  readonly lateFrom: number | null
  readonly confirmation: (Confirmation & { readonly isWhole: boolean }) | null
  readonly parents: readonly Parent[]
  readonly causes: readonly string[]
  readonly alerts: readonly Alert[]
  readonly isFlapping: boolean
  readonly held: readonly Held[]
  readonly acknowledgement: Acknowledgement | null
  readonly evidence: Evidence
}

const FLAPPING = 'DeviceFlapping'

/** Pure: the verdict on a device, over the same evidence and by the same derivation as the status of the fleet. */
export function judge(
  device: Device,
  inventory: Inventory,
  evidence: Evidence,
  decided: Decided,
): Verdict {
  const { at, states, newest, blind, late, probes, isWhole } = evidence
  const statuses = deriveStatuses(
    inventory.values(),
    (id) => ({
      state: states.get(id) ?? null,
      lastSampleAt: newest.get(id) ?? null,
      isBlind: blind.has(id),
      ...knownUntil(late.get(id)),
    }),
    at,
  )
  const status = statuses.get(device.id) ?? 'unknown'
  const state = states.get(device.id) ?? null
  const lastSampleAt = newest.get(device.id) ?? null
  const isKnown = status !== 'unknown' && status !== 'disabled'
  // What isn't answered while its collector is blind says nothing.
  const confirmation = blind.has(device.id)
    ? null
    : confirmationOf(probes, state, device.ping, evidence.lookout)
  const alerts = device.enabled ? evidence.alerts : []
  return {
    device,
    at,
    status,
    state,
    since: isKnown ? (state?.since ?? null) : null,
    lastSampleAt,
    isStale: isStale(device, lastSampleAt, at),
    blindSince: device.enabled ? (blind.get(device.id) ?? null) : null,
    lateFrom: device.enabled ? (late.get(device.id) ?? null) : null,
    confirmation: confirmation === null ? null : { ...confirmation, isWhole },
    parents: device.parents.map((id) => {
      const isAbsent = !inventory.has(id)
      return {
        id,
        status: isAbsent ? null : (statuses.get(id) ?? null),
        since: states.get(id)?.since ?? null,
      }
    }),
    causes: status === 'unreachable' ? nearestDown(device, inventory, statuses) : [],
    alerts,
    isFlapping: alerts.some(({ name, state: is }) => name === FLAPPING && is === 'firing'),
    held: evidence.held.map((held) => ({ ...held, ...personOf(held, decided, at) })),
    acknowledgement: acknowledgementOf(alerts, decided, at),
    evidence,
  }
}

const knownUntil = (at: number | undefined): { knownUntil?: number } =>
  at === undefined ? {} : { knownUntil: at }

const NOBODY = { name: null, createdBy: null, comment: null, until: null }

/** Who made what holds an alert back. */
function personOf(
  { by, cause }: Evidence['held'][number],
  { silences, windows, acknowledgements }: Decided,
  at: number,
): Pick<Held, 'name' | 'createdBy' | 'comment' | 'until'> {
  if (by === 'silence') {
    const silence = silences.find(({ id }) => id === cause)
    if (silence === undefined) return NOBODY
    const { createdBy, comment, endsAt: until } = silence
    return { name: null, createdBy, comment, until }
  }
  if (by === 'maintenance') {
    const ofName = windows.filter(({ id, name }) => id === cause || name === cause)
    const window = ofName.find((one) => windowAt(one, at) !== null) ?? ofName[0]
    if (window === undefined) return NOBODY
    const { name, createdBy, comment } = window
    return { name, createdBy, comment, until: windowAt(window, at)?.until ?? null }
  }
  if (by === 'acknowledged') {
    const found = acknowledgements.find(({ id }) => id === cause)
    if (found === undefined) return NOBODY
    return {
      name: null,
      createdBy: found.createdBy,
      comment: found.comment,
      until: found.expiresAt,
    }
  }
  return NOBODY
}
