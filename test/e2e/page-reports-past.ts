import type { Sample } from '../../lib/line-protocol.ts'
import { type Past, evaluations, states } from '../integration/reports/truth.ts'
import { batumi, batumiAtm, core, gori, goriAtm, goriSwitch } from './page-device-fleet.ts'

const HOUR = 3_600_000

/** The first two days of last month on the clock of Tbilisi: Batumi was out twice, Gori's ATM for ten minutes. */
export const lastMonth = ((): string => {
  const now = new Date()
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1)).toISOString().slice(0, 7)
})()
export const monthBegan = Date.parse(`${lastMonth}-01T00:00:00+04:00`)
const past: Past = { from: monthBegan - HOUR, until: monthBegan + 48 * HOUR }

/** Hours into the month at which a device turned, and what to. */
const turned = (...turns: readonly (readonly [hours: number, up: boolean | null])[]) => [
  [past.from, true] as const,
  ...turns.map(([hours, up]) => [monthBegan + hours * HOUR, up] as const),
]

export const pastOfLastMonth = (): Sample[] => [
  ...evaluations(past),
  ...states(batumi, turned([2, false], [3, true], [20, false], [24.5, true], [47.9, null]), past),
  ...states(goriAtm, turned([10, false], [10 + 1 / 6, true], [47.9, null]), past),
  ...[core, gori, goriSwitch, batumiAtm].flatMap((each) =>
    states(each, turned([47.9, null]), past),
  ),
]
