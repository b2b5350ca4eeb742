import type { Labels } from '../../../lib/labels.ts'
import type { Point } from '../../../lib/victoriametrics.ts'
import type { Vectors } from '../../../api/view/vectors.ts'

/** The evaluation instant of these vectors. */
export const AT = Date.UTC(2026, 10, 22, 12, 0, 0)

export const point = (value: number, labels: Labels): Point => ({ labels, value, at: AT })

export const emptyVectors: Vectors = {
  state: [],
  newest: [],
  echoes: [],
  snmp: [],
  snmpNewest: [],
  uplinks: [],
  alerts: [],
  own: [],
}

/** What one device's series say; instants are milliseconds before AT. */
export type Told = {
  readonly id: string
  readonly up?: boolean
  readonly sinceAgo?: number
  readonly sampleAgo?: number
  readonly rtt?: number
  readonly loss?: number
  readonly labels?: Labels
}

export function vectorsOf(...told: readonly Told[]): Vectors {
  const state: Point[] = []
  const newest: Point[] = []
  const echoes: Point[] = []
  for (const { id, up, sinceAgo = 60_000, sampleAgo, rtt, loss, labels = {} } of told) {
    const own = { device: id, ...labels }
    if (up !== undefined) {
      state.push(point(Number(up), { __name__: 'device_state_up', device: id }))
      state.push(point((AT - sinceAgo) / 1000, { __name__: 'device_state_since', device: id }))
    }
    if (sampleAgo !== undefined) newest.push(point((AT - sampleAgo) / 1000, own))
    if (rtt !== undefined) echoes.push(point(rtt, { __name__: 'ping_rtt_seconds', ...own }))
    if (loss !== undefined) echoes.push(point(loss, { __name__: 'ping_loss_ratio', ...own }))
  }
  return { ...emptyVectors, state, newest, echoes }
}

/** `ALERTS` and `ALERTS_FOR_STATE` of one alert. */
export function alertPoints(
  labels: Labels,
  state: 'firing' | 'pending',
  activeAgo: number,
): Point[] {
  return [
    point(1, { __name__: 'ALERTS', alertstate: state, ...labels }),
    point((AT - activeAgo) / 1000, { __name__: 'ALERTS_FOR_STATE', ...labels }),
  ]
}

/** What an interface that is an uplink told `ago` milliseconds before AT. */
export function uplinkPoints(
  labels: Labels,
  { oper, admin = 1, ago = 0 }: { oper: number; admin?: number; ago?: number },
): Point[] {
  return [
    point(oper, { __name__: 'ifOperStatus', ...labels }),
    point(admin, { __name__: 'ifAdminStatus', ...labels }),
    point((AT - ago) / 1000, labels),
  ]
}

/** The newest poll of a device, for `snmp` and `snmpNewest`. */
export function pollPoints(
  id: string,
  { up, ago = 0 }: { up: boolean; ago?: number },
): Pick<Vectors, 'snmp' | 'snmpNewest'> {
  return {
    snmp: [point(Number(up), { __name__: 'snmp_up', device: id })],
    snmpNewest: [point((AT - ago) / 1000, { device: id })],
  }
}
