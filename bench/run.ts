import { once } from 'node:events'
import { findNamespaces, spawnInNamespace } from '../lab/namespace.ts'
import { openNetwork } from '../lab/network.ts'
import { alerting } from './alerting.ts'
import { api } from './api.ts'
import { detection } from './detection.ts'
import { events } from './events.ts'
import { footprint } from './footprint.ts'
import { frozen } from './frozen.ts'
import { type Measurement, type Parameters, holds } from './measurement.ts'
import { paint } from './paint.ts'
import { parseParameters } from './parameters.ts'
import { printResult, saveResult } from './report.ts'
import { reports } from './reports.ts'
import { scale } from './scale.ts'
import { snmpFleet } from './snmp-fleet.ts'
import { snmpHeap } from './snmp-heap.ts'
import { snmp } from './snmp.ts'
import { storm } from './storm.ts'
import { view } from './view.ts'
import { vmAway } from './vm-away.ts'
import { vmKills } from './vm-kills.ts'

// npm run bench -- <name> [--parameter value …]
// Each measurement runs in a network namespace of its own: this file starts itself once more in there.

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  alerting: alerting as Measurement,
  api: api as Measurement,
  detection: detection as Measurement,
  events: events as Measurement,
  footprint: footprint as Measurement,
  frozen: frozen as Measurement,
  paint: paint as Measurement,
  reports: reports as Measurement,
  scale: scale as Measurement,
  snmp: snmp as Measurement,
  'snmp-fleet': snmpFleet as Measurement,
  'snmp-heap': snmpHeap as Measurement,
  storm: storm as Measurement,
  view: view as Measurement,
  'vm-away': vmAway as Measurement,
  'vm-kills': vmKills as Measurement,
}
const INSIDE = '--inside'

async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args
  if (first === INSIDE) return inside(rest)
  const measurement = MEASUREMENTS[first ?? '']
  if (measurement === undefined) {
    console.error(usage())
    return 2
  }
  try {
    parseParameters(rest, measurement.defaults)
  } catch (error) {
    console.error((error as Error).message)
    return 2
  }
  const namespaces = await findNamespaces()
  if (!namespaces.allowed) {
    console.error(`The lab needs a network namespace, and ${namespaces.reason}.`)
    return 2
  }
  const command = [process.execPath, import.meta.filename, INSIDE, ...args]
  const child = spawnInNamespace(namespaces, command, { stdio: 'inherit' })
  process.on('SIGINT', () => {}) // the terminal's reaches the child too, which ends in good order
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

async function inside([name = '', ...rest]: readonly string[]): Promise<number> {
  const measurement = MEASUREMENTS[name]
  if (measurement === undefined) return 2
  const parameters: Parameters = parseParameters(rest, measurement.defaults)
  await using network = await openNetwork()
  const startedAt = Date.now()
  const seconds = () => String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)
  console.log(`${measurement.title}\n`)
  const say = (text: string) => console.log(`${seconds()} s  ${text}`)
  const result = await measurement.run(parameters, { network, say })
  printResult(result)
  console.log(`\n${await saveResult(name, parameters, result)}`)
  return result.bounds.every(holds) ? 0 : 1
}

function usage(): string {
  const lines = Object.entries(MEASUREMENTS).map(([name, { title, defaults }]) => {
    const options = Object.entries(defaults).map(([key, value]) => `--${key} ${String(value)}`)
    return `  ${name.padEnd(10)} ${title}\n${' '.repeat(13)}${options.join(' ')}`
  })
  return `npm run bench -- <name> [--parameter value …], one of:\n${lines.join('\n')}`
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  if (process.argv[2] === INSIDE) process.on(signal, () => process.exit(1))
process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  return 1
})
