import type { Clock } from '../../lib/clock.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import { inSlices } from '../../lib/slices.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { amongDevices } from '../device-query.ts'
import { type DecisionSource, decidedAt } from '../explain/decided-at.ts'
import { createTurns } from '../history/turns.ts'
import { knownDevice } from '../known-device.ts'
import { Problem } from '../problem.ts'
import { type Facts, askFacts } from './facts.ts'
import { createFlights } from './flights.ts'
import { type Excluded, excludedBy } from './maintenance.ts'
import type { ReportQuestion } from './question.ts'
import { rangeOf } from './range.ts'
import { type Grouping, type Row, type Total, rowsInSlices } from './rows.ts'
import type { Span } from './spans.ts'

export type Report = {
  readonly by: Grouping
  readonly range: Span
  /** Null where it isn't one. */
  readonly month: string | null
  readonly timeZone: string
  readonly rows: readonly Row[]
  readonly total: Total
  readonly excluded: Excluded
  /** The past instant whose windows count; null: those of now. */
  readonly windowsAsOf: number | null
}

export type Reports = {
  /** Rejects with Problem or VictoriaMetricsError. `inventory` is what whoever asks may see. */
  ask(question: ReportQuestion, inventory: Inventory, signal: AbortSignal): Promise<Report>
}

/** So many days of one device: ten thousand devices for a month and a week, or a thousand for a year. */
const MOST_DEVICE_DAYS = 380_000
const DAY_MS = 86_400_000

export function createReports({
  store,
  fleet,
  decisions,
  evaluationMs,
  clock,
}: {
  store: Pick<VictoriaMetrics, 'query' | 'exportCsv' | 'exportSeries'>
  /** All devices, whoever asks. */
  fleet: () => Inventory
  decisions: DecisionSource
  evaluationMs: number
  clock: Clock
}): Reports {
  const inTurn = createTurns(clock, 1)
  const flights = createFlights<Facts>()

  /** Facts are the same for all who ask for a range of the same devices, however they want it told. */
  function factsOf(
    range: Span,
    only: readonly string[] | null,
    signal: AbortSignal,
  ): Promise<Facts> {
    const key = JSON.stringify([range.from, range.until, only])
    const ask = (shared: AbortSignal): Promise<Facts> =>
      inTurn(
        () => askFacts(store, { range, only, inventory: fleet(), evaluationMs, signal: shared }),
        shared,
      )
    return flights(key, ask, signal)
  }

  /** The devices whose facts are read, null: all. Of others than whoever asks may see, nothing is, nor is their number told. */
  function readOf(devices: readonly Device[], inventory: Inventory): readonly string[] | null {
    const [only] = devices
    if (only !== undefined && devices.length === 1) return [only.id]
    return inventory.size < fleet().size ? [...inventory.keys()] : null
  }

  return {
    async ask(question, inventory, signal) {
      const now = clock.now()
      const { range, month } = rangeOf(question, now)
      const devices = devicesOf(question, inventory)
      const only = readOf(devices, inventory)
      refuseTooMuch(range, only?.length ?? inventory.size)
      const windowsAsOf = question.windows_as_of ?? null
      const [facts, { windows }] = await Promise.all([
        factsOf(range, only, signal),
        decidedAt(decisions, windowsAsOf ?? now, now, []),
      ])
      const excluded = excludedBy(windows, devices, range)
      const told = await inSlices(
        rowsInSlices(facts, excluded, devices, { by: question.by, range }),
      )
      return {
        by: question.by,
        range,
        month,
        timeZone: question.tz,
        ...told,
        excluded,
        windowsAsOf,
      }
    },
  }
}

function devicesOf(question: ReportQuestion, inventory: Inventory): Device[] {
  const named =
    question.device === undefined
      ? inventory.values()
      : new Set(question.device.map((id) => knownDevice({ current: inventory }, id)))
  const branch = amongDevices(inventory, 'branch', question.branch)
  const region = amongDevices(inventory, 'region', question.region)
  const type = amongDevices(inventory, 'type', question.type)
  return [...named].filter(
    (device) =>
      (branch?.has(device.branch) ?? true) &&
      (region?.has(device.region) ?? true) &&
      (type?.has(device.type) ?? true),
  )
}

function refuseTooMuch({ from, until }: Span, devices: number): void {
  const days = (until - from) / DAY_MS
  if (days * devices <= MOST_DEVICE_DAYS) return
  const most = Math.max(1, Math.floor(MOST_DEVICE_DAYS / devices))
  throw new Problem(
    400,
    'Too much at once',
    `from: ${Math.ceil(days)} days of ${devices} devices are too much at once; ask for ${most} days or less, month by month, or for one device`,
    { parameter: 'from', most_days: most },
  )
}
