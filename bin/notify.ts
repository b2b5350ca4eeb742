import { type Command, Option } from 'commander'
import { isAbort } from '../lib/clock.ts'
import { streams } from './output.ts'
import { endSignal } from './signals.ts'
import type { NotifyTestOptions } from './notify/test.ts'

/** Adds `wardline notify …` to the program. What the commands do is imported when they are asked for. */
export function addNotifyCommands(program: Command, configPath: () => string): void {
  const notify = program
    .command('notify')
    .description('the receivers of the configuration, and whether they can be reached')

  notify
    .command('list')
    .description('who is told, how, and of what')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { readConfig } = await import('../lib/config/load.ts')
      const { listReceivers } = await import('./notify/list.ts')
      const { config } = await readConfig(configPath())
      process.exitCode = listReceivers(config.receivers, options, streams)
    })

  notify
    .command('test')
    .description('send a receiver a marked test problem, and its resolution')
    .argument('<receiver>', 'its name in the configuration')
    .addOption(new Option('--problem', 'the problem alone, to look at it').conflicts('resolve'))
    .option('--resolve', 'the resolution alone, of a problem that was sent before')
    .action(async (name: string, options: NotifyTestOptions) => {
      const { readConfig } = await import('../lib/config/load.ts')
      const { testReceiver } = await import('./notify/test.ts')
      const signal = endSignal()
      try {
        const { config } = await readConfig(configPath())
        process.exitCode = await testReceiver(config, name, options, streams, signal)
      } catch (error) {
        if (!isAbort(error, signal)) throw error
        process.exitCode = 1
      }
    })
}
