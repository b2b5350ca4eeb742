#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import type { DemoOptions } from './demo.ts'
import { createLog } from '../lib/log.ts'
import { explain } from './explain.ts'
import { addAckCommands } from './ack.ts'
import { addDeviceCommands } from './device.ts'
import { addMaintenanceCommands } from './maintenance.ts'
import { addNotifyCommands } from './notify.ts'
import { addReportCommand } from './report.ts'
import { addRulesCommands } from './rules.ts'
import { addSilenceCommands } from './silence.ts'
import { addSnmpCommands } from './snmp.ts'
import { addTokenCommands } from './token.ts'
import { addUserCommands } from './user.ts'
import { version } from './version.ts'

// Commands are imported when they are asked for: `--help` and `check` need neither stores nor probes.
const program = new Command('wardline')
  .description(
    'Monitors a network: fping and SNMP in, VictoriaMetrics, exact down_since, alerts out',
  )
  .version(version)
  .addOption(
    new Option('--config <file>', 'the configuration')
      .env('WARDLINE_CONFIG')
      .default('wardline.yaml'),
  )
  .exitOverride()

program
  .command('up')
  .description('run everything here; without a configuration, the demo')
  .action(async () => {
    if (program.getOptionValueSource('config') === 'default' && !existsSync(configPath())) {
      console.log(`There is no ${configPath()} yet: this is the demo, a simulated network.`)
      const { demo } = await import('./demo.ts')
      process.exitCode = await demo({})
      return
    }
    const { up } = await import('./up.ts')
    process.exitCode = await up(configPath())
  })

program
  .command('run')
  .description('run the named services against the configured VictoriaMetrics and Redis')
  .argument('<services...>', 'collector, alerting, api')
  .action(async (services: string[]) => {
    const { run } = await import('./run.ts')
    process.exitCode = await run(services, configPath())
  })

program
  .command('check')
  .description('parse configuration, inventory, rule files and templates, and print every problem')
  .argument('[file]', 'the configuration, as --config gives it')
  .action(async (file?: string) => {
    const { check } = await import('./check.ts')
    process.exitCode = await check(file ?? configPath())
  })

program
  .command('demo')
  .description('a simulated network on this machine, with outages, and the pipeline over it')
  .option('--devices <n>', 'how many devices', Number)
  .option('--seed <text>', 'another one gives another fleet and other outages')
  .option('--speed <factor>', '2 plays the outages in half the time', Number)
  .option('--port <port>', 'of the page', Number)
  .option('--data-dir <path>', 'an empty directory, or that of an earlier demo')
  .action(async (options: DemoOptions) => {
    const { demo } = await import('./demo.ts')
    process.exitCode = await demo(options)
  })

for (const addCommands of [
  addAckCommands,
  addDeviceCommands,
  addMaintenanceCommands,
  addNotifyCommands,
  addReportCommand,
  addRulesCommands,
  addSilenceCommands,
  addSnmpCommands,
  addTokenCommands,
  addUserCommands,
])
  addCommands(program, configPath)

try {
  await program.parseAsync()
} catch (error) {
  // Whatever may still run after an error: it ends here.
  process.exit(failed(error))
}

function configPath(): string {
  return program.opts<{ config: string }>().config
}

function failed(error: unknown): number {
  // Commander has printed its message: usage errors are ours to number, help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const message = explain(error)
  if (message === null) createLog().fatal({ err: error }, 'wardline failed')
  else console.error(message)
  return message === null ? 1 : 2
}
