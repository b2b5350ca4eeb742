import { MAX_SLOWEST, askSlowest } from '../../api/slowest.ts'
import { didYouMean } from '../../lib/config/nearest.ts'
import { formatDuration } from '../../lib/duration.ts'
import { StartError } from '../../lib/start-error.ts'
import { VictoriaMetricsError, connectVictoriaMetrics } from '../../lib/victoriametrics.ts'
import type { Output } from '../output.ts'
import type { Network } from './network.ts'
import { alignedLines } from './table.ts'

export type SlowestOptions = {
  readonly limit?: string
  readonly branch?: readonly string[]
  readonly region?: readonly string[]
  readonly json?: boolean
}

/**
 * `wardline snmp slowest`: the devices whose last poll took longest, as the running collector stored it. Gives the exit
 * code: 1 when VictoriaMetrics can't be asked.
 */
export async function slowest(
  { config, inventory }: Pick<Network, 'config' | 'inventory'>,
  { limit = '10', branch, region, json = false }: SlowestOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const question = {
    limit: wholeNumber(limit),
    branch: known('branch', branch),
    region: known('region', region),
  }
  // Without a URL wardline starts one of its own there.
  const url = config.victoriametrics.url ?? `http://${config.victoriametrics.listen}`
  await using victoriaMetrics = connectVictoriaMetrics(url, { connections: 1 })
  try {
    const found = await askSlowest(victoriaMetrics, inventory, question, Date.now(), signal)
    if (json) output.print(JSON.stringify(found))
    else if (found.length === 0) output.error('no polls are stored: the collector has to run')
    else for (const line of linesOf(found)) output.print(line)
    return 0
  } catch (error) {
    if (!(error instanceof VictoriaMetricsError)) throw error
    const advice = 'wardline has to run; victoriametrics.url says where it stores'
    output.error(error.reason === 'unreachable' ? `${error.message}: ${advice}` : error.message)
    return 1
  }

  function known(key: 'branch' | 'region', values: readonly string[] | undefined) {
    if (values === undefined) return null
    const valid = new Set([...inventory.values()].map((device) => device[key]))
    for (const value of values) {
      if (valid.has(value)) continue
      throw new StartError(
        `--${key}: no device of the inventory is of ${JSON.stringify(value)}${didYouMean(value, valid)}`,
      )
    }
    return new Set(values)
  }
}

function linesOf(found: Awaited<ReturnType<typeof askSlowest>>): string[] {
  const rows = found.map((row) => [
    seconds(row.poll_seconds),
    seconds(row.mean_seconds),
    String(row.pdus ?? '-'),
    String(row.errors ?? '-'),
    row.interval_seconds === null ? '-' : formatDuration(row.interval_seconds * 1000),
    row.device,
    row.address,
    [row.name === row.device ? '' : row.name, row.branch].filter(Boolean).join(', '),
  ])
  const head = [
    'last poll',
    '10m mean',
    'PDUs',
    'errors',
    'every',
    'device',
    'address',
    'name, branch',
  ]
  return alignedLines([head, ...rows], { right: [0, 1, 2, 3, 4] })
}

const seconds = (value: number | null): string => (value === null ? '-' : `${value.toFixed(3)} s`)

function wholeNumber(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number >= 1 && number <= MAX_SLOWEST) return number
  throw new StartError(
    `--limit: expected a whole number from 1 to ${MAX_SLOWEST}, got ${JSON.stringify(text)}`,
  )
}
