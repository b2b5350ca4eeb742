import type { NotifiedAlert } from '../../lab/notification.ts'
import { iso } from '../../lab/oracle.ts'
import { heardOf } from '../../lab/recorder.ts'
import type { ExpectedOutage, ExpectedOutages } from './outages.ts'
import { type History, type Violation, contains, overlaps } from './history.ts'
import { impaired } from './windows.ts'

type Heard = NotifiedAlert & { readonly receivedAt: number }

/** Every outage told once, with its own down_since, and its end once; nothing else told. */
export function wronglyTold(history: History, expected: ExpectedOutages): Violation[] {
  const heard = heardOf(history.records, 'DeviceDown')
  // Who was told of may be no device at all.
  const known = new Set([...history.devices.map(({ id }) => id), ...heard.keys()])
  return [...known].flatMap((device) =>
    ofDevice(history, device, expected.get(device) ?? [], heard.get(device) ?? []),
  )
}

function ofDevice(
  history: History,
  device: string,
  outages: readonly ExpectedOutage[],
  heard: readonly Heard[],
): Violation[] {
  const wrong: Violation[] = []
  const found = (kind: Violation['kind'], at: number, what: string): void =>
    void wrong.push({ kind, at, device, what })
  const told = Map.groupBy(heard, ({ annotations }) => matching(outages, sinceOf(annotations)))
  for (const { status, annotations, receivedAt } of told.get(null) ?? []) {
    const near = outages.find(
      ({ since, until }) => receivedAt >= since && (until ?? Infinity) + 60_000 >= receivedAt,
    )
    const said = `${status}, down since ${annotations['down_since']}`
    if (near === undefined) found('told falsely', receivedAt, `${said}: there was no such outage`)
    else found('down_since wrong', receivedAt, `${said}: its samples say ${iso(near.since)}`)
  }
  for (const outage of outages) {
    const own = told.get(outage) ?? []
    const firing = own.filter(({ status }) => status === 'firing')
    const resolved = own.filter(({ status }) => status === 'resolved')
    const words = `the outage since ${iso(outage.since)}`
    const last = own.at(-1)?.receivedAt ?? outage.since
    if (firing.length > 1) found('told twice', last, `${words} was told ${firing.length} times`)
    if (resolved.length > 1)
      found('resolved twice', last, `the end of ${words} was told ${resolved.length} times`)
    if (resolved.length > firing.length && firing.length === 0)
      found('resolved twice', last, `the end of ${words} was told, which itself was not`)
    if (firing.length === 0 && outage.telling === 'must')
      found('not told', outage.since, `${words} was not told`)
    if (firing.length > 0 && resolved.length === 0 && outage.until !== null)
      found('not resolved', outage.until, `the end of ${words} was not told`)
    if (
      firing.length > 0 &&
      outage.telling === 'hidden' &&
      !contains(impaired(history), outage.since)
    )
      found('told though hidden', last, `${words} lies behind another one and was told`)
  }
  return wrong
}

const sinceOf = (annotations: NotifiedAlert['annotations']): number =>
  Date.parse(annotations['down_since'] ?? '')

function matching(outages: readonly ExpectedOutage[], since: number): ExpectedOutage | null {
  return (
    outages.find((outage) => outage.since === since) ??
    outages.find((outage) => Math.abs(outage.since - since) <= outage.toleranceMs) ??
    null
  )
}

/** A collector that lost its network says so once, whoever dies meanwhile. */
export function blindnessUntold(history: History): Violation[] {
  const blindFaults = history.faults.filter(({ fault }) => fault.kind === 'blind')
  const heard = [...heardOf(history.records, 'MonitoringBlind').values()].flat()
  return blindFaults
    .filter(({ from, to }) => to - from >= 10_000 && isAlone(history, from, to))
    .filter(
      ({ from, to }) =>
        !heard.some(
          ({ status, receivedAt }) =>
            status === 'firing' && receivedAt >= from && receivedAt <= to + 30_000,
        ),
    )
    .map(({ from }) => ({
      kind: 'blindness not told',
      at: from,
      what: 'the collectors lost their network, and nobody was told that monitoring is blind',
    }))
}

/** A blindness that was told is looked back from so far: it may be told again by who takes over, and late. */
const BLIND_BEFORE_MS = 90_000

/** That monitoring is blind was told, and no collector had lost its network. */
export function blindnessToldFalsely(history: History): Violation[] {
  const blindFaults = history.faults.filter(({ fault }) => fault.kind === 'blind')
  return [...heardOf(history.records, 'MonitoringBlind').values()]
    .flat()
    .filter(
      ({ status, receivedAt }) =>
        status === 'firing' &&
        receivedAt >= history.startAt &&
        !overlaps(
          blindFaults.map(({ from, to }) => ({ from, to: to + BLIND_BEFORE_MS })),
          receivedAt,
          receivedAt,
        ),
    )
    .map(({ receivedAt }) => ({
      kind: 'told falsely',
      at: receivedAt,
      what: 'that monitoring is blind, and no collector had lost its network',
    }))
}

/** No other fault from shortly before to shortly after. */
const isAlone = ({ faults }: History, from: number, to: number): boolean =>
  faults.filter((other) => other.from <= to + 15_000 && other.to >= from - 30_000).length === 1
