import { parseArgs } from 'node:util'
import type { Cluster } from '../fault.ts'
import { numberOf, wholeOf } from '../options.ts'

export type SoakOptions = Cluster & {
  readonly hours: number
  readonly devices: number
  readonly intervalSeconds: number
  /** Without the ending: `.json` and `.html` are written. */
  readonly out: string
}

export const USAGE = `npm run soak [-- --hours 8 --devices 10000 --interval 10 --collectors 1 --alertings 1 --out data/soak]

  --hours       from 0.05 to 720
  --devices     from 20 to 20000, half of them with SNMP
  --interval    of pings, in seconds, from 1 to 300
  --out         where the figures (.json) and the chart (.html) are written`

/** Throws an Error that names what is wrong. */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      hours: { type: 'string', default: '8' },
      devices: { type: 'string', default: '10000' },
      interval: { type: 'string', default: '10' },
      collectors: { type: 'string', default: '1' },
      alertings: { type: 'string', default: '1' },
      out: { type: 'string', default: 'data/soak' },
    },
  })
  return {
    hours: numberOf('hours', values.hours, 0.05, 720),
    devices: wholeOf('devices', values.devices, 20, 20_000),
    intervalSeconds: wholeOf('interval', values.interval, 1, 300),
    collectors: wholeOf('collectors', values.collectors, 1, 8),
    alertings: wholeOf('alertings', values.alertings, 1, 4),
    out: values.out,
  }
}
