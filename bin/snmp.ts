import { existsSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { isAbort } from '../lib/clock.ts'
import { streams } from './output.ts'
import { endSignal } from './signals.ts'
import type { GetOptions } from './snmp/get.ts'
import type { ModulesOptions } from './snmp/modules.ts'
import type { Network } from './snmp/network.ts'
import type { SlowestOptions } from './snmp/slowest.ts'
import type { TestOptions } from './snmp/test.ts'
import type { WalkOptions } from './snmp/walk.ts'

/** Adds `wardline snmp …` to the program. What the commands do is imported when they are asked for. */
export function addSnmpCommands(program: Command, configPath: () => string): void {
  const snmp = program
    .command('snmp')
    .description('ask the devices of the inventory by SNMP, as they are configured; stores nothing')

  const device = (name: string, description: string): Command =>
    snmp
      .command(name)
      .description(description)
      .argument('<device>', 'its id, name or address in the inventory')
      .option('--credential <names>', 'names in credentials, in place of its own', commas)
      .option('--timeout <duration>', 'the bound of all of it, such as 30s')
      .option('--json', 'as JSON')

  device('get', 'single values')
    .argument('<oid...>', '1.3.6.1.2.1.1.3.0, sysUpTime, ifOperStatus.3')
    .action((word: string, words: string[], options: GetOptions) =>
      run(async (network, signal) => {
        const { get } = await import('./snmp/get.ts')
        return get(network, { word, words, options }, streams, signal)
      }),
    )

  device('walk', 'all values under an OID (bound: 2m unless told)')
    .argument('<oid>', '1.3.6.1.2.1.2, ifOperStatus')
    .option('--filter <text>', 'only values whose name, OID or text has this in it')
    .action((word: string, root: string, options: WalkOptions) =>
      run(async (network, signal) => {
        const { walk } = await import('./snmp/walk.ts')
        return walk(network, { word, root, options }, streams, signal)
      }),
    )

  device('test', "poll a device's modules once, and show what would be stored")
    .option('--module <names>', 'modules, in place of its own', commas)
    .option('--filter <text>', 'only values whose metric or labels have this in them')
    .addOption(new Option('--lines', 'in line protocol').conflicts('json'))
    .action((word: string, options: TestOptions) =>
      run(async (network, signal) => {
        const { test } = await import('./snmp/test.ts')
        return test(network, { word, options }, streams, signal)
      }),
    )

  snmp
    .command('modules')
    .description('what devices may be polled for: built-in modules and those of snmp.module_files')
    .argument('[name]', 'show what this one reads')
    .option('--filter <text>', 'only modules and metrics that have this in them')
    .addOption(
      new Option(
        '--yml',
        'as a snmp.yml, to be changed and loaded, or for snmp_exporter',
      ).conflicts('json'),
    )
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, options: ModulesOptions) => {
      const { listModules } = await import('./snmp/modules.ts')
      const { modulesOf } = await import('./snmp/network.ts')
      const isGiven = program.getOptionValueSource('config') !== 'default'
      const path = isGiven || existsSync(configPath()) ? configPath() : null
      process.exitCode = listModules(await modulesOf(path), name, options, streams)
    })

  snmp
    .command('slowest')
    .description('the devices whose last poll took longest, as the running collector stored it')
    .option('--limit <n>', 'so many at most: 10 unless told')
    .option('--branch <name...>', 'of these branches')
    .option('--region <name...>', 'of these regions')
    .option('--json', 'as JSON')
    .action((options: SlowestOptions) =>
      run(async (network, signal) => {
        const { slowest } = await import('./snmp/slowest.ts')
        return slowest(network, options, streams, signal)
      }),
    )

  async function run(
    work: (network: Network, signal: AbortSignal) => Promise<number>,
  ): Promise<void> {
    const { loadNetwork } = await import('./snmp/network.ts')
    endWithReader()
    const signal = endSignal()
    try {
      process.exitCode = await work(await loadNetwork(configPath()), signal)
    } catch (error) {
      if (!isAbort(error, signal)) throw error
      process.exitCode = 1
    }
  }
}

/** `… | head` reads as much as it wants: the rest has no reader, and that is no failure. */
function endWithReader(): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
}

/** `a,b`, and the option given again. */
const commas = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean),
]
