import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Cluster } from './fault.ts'

export type ChaosOptions = Required<Cluster> & {
  readonly seed: string
  readonly minutes: number
  readonly devices: number
  /** Leaves logs and the truth where they are. */
  readonly keep: boolean
  /** Says what happened only where something was wrong. */
  readonly brief: boolean
}

export const USAGE = `npm run chaos [-- --seed <text> --minutes 20 --devices 500 --collectors 2 --alertings 2 --together --keep --brief]

  --seed        the same seed gives the same devices, outages and faults; left out: another one each time
  --minutes     from 2 to 600, starting and settling included
  --devices     from 20 to 5000
  --collectors  from 1 to 8
  --alertings   from 1 to 4
  --together    \`wardline up\` in place of services apart: one process with a VictoriaMetrics and a Redis of its own
  --keep        leaves the logs and the truth in a directory, and says in which
  --brief       the timeline only where something was wrong`

/** Throws an Error that names what is wrong. */
export function parseChaosOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '20' },
      devices: { type: 'string', default: '500' },
      collectors: { type: 'string' },
      alertings: { type: 'string' },
      together: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      brief: { type: 'boolean', default: false },
    },
  })
  const { together } = values
  const several = together ? '1' : '2'
  return {
    seed: values.seed ?? randomBytes(4).toString('hex'),
    minutes: numberOf('minutes', values.minutes, 2, 600),
    devices: wholeOf('devices', values.devices, 20, 5_000),
    collectors: wholeOf('collectors', values.collectors ?? several, 1, together ? 1 : 8),
    alertings: wholeOf('alertings', values.alertings ?? several, 1, together ? 1 : 4),
    together,
    keep: values.keep,
    brief: values.brief,
  }
}

export function numberOf(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= min && value <= max) return value
  throw new Error(`--${name}: expected a number from ${min} to ${max}, got "${text}"`)
}

export function wholeOf(name: string, text: string, min: number, max: number): number {
  const value = numberOf(name, text, min, max)
  if (Number.isInteger(value)) return value
  throw new Error(`--${name}: expected a whole number, got "${text}"`)
}

/** The options that a run is repeated with. */
export const repeatWith = ({
  seed,
  minutes,
  devices,
  collectors,
  alertings,
  together,
}: ChaosOptions): string =>
  `npm run chaos -- --seed ${seed} --minutes ${minutes} --devices ${devices} --collectors ${collectors} --alertings ${alertings}${together ? ' --together' : ''}`
