import type { Command } from 'commander'
import { addLogCommand, deskOf } from './decisions/commands.ts'
import { authored, scoped, signed, timed } from './decisions/options.ts'
import { streams } from './output.ts'
import type { AddSilenceOptions } from './silence/add.ts'
import type { ListSilencesOptions } from './silence/list.ts'

/** Adds `wardline silence …` to the program. What the commands do is imported when they are asked for. */
export function addSilenceCommands(program: Command, configPath: () => string): void {
  const run = deskOf(configPath)
  const silence = program
    .command('silence')
    .description("what matches isn't told for a time; kept in Redis, also for amtool and Grafana")

  signed(timed(scoped(silence.command('add').description('silence what matches'))))
    .argument('[matcher...]', `'branch="Vake"', 'device=~"sw-.*"': all must match`)
    .option('--json', 'as JSON')
    .action((words: string[], options: AddSilenceOptions) =>
      run(async (desk) => {
        const { addSilence } = await import('./silence/add.ts')
        return addSilence(desk, words, options, streams)
      }),
    )

  scoped(silence.command('list').description('silences in force and to come'))
    .argument('[matcher...]', 'only silences that have these matchers')
    .option('--expired', 'those that ended in the last 5 days, too')
    .option('--json', 'as JSON')
    .action((words: string[], options: ListSilencesOptions) =>
      run(async (desk) => {
        const { listSilences } = await import('./silence/list.ts')
        return listSilences(desk, words, options, streams)
      }),
    )

  authored(silence.command('expire').description('end silences now'))
    .argument('<id...>', 'ids, or what they begin with')
    .action((words: string[], options: { author: string }) =>
      run(async (desk) => {
        const { expireSilences } = await import('./silence/expire.ts')
        return expireSilences(desk, words, options, streams)
      }),
    )

  addLogCommand(silence, 'silence', 'who did what to silences, and when', run)
}
