import type { Command } from 'commander'
import { addLogCommand, deskOf } from './decisions/commands.ts'
import { authored, scoped, signed, timed } from './decisions/options.ts'
import type { AddWindowOptions } from './maintenance/add.ts'
import type { ListWindowsOptions } from './maintenance/list.ts'
import { streams } from './output.ts'

/** Adds `wardline maintenance …` to the program. What the commands do is imported when they are asked for. */
export function addMaintenanceCommands(program: Command, configPath: () => string): void {
  const run = deskOf(configPath)
  const maintenance = program
    .command('maintenance')
    .description("windows of planned work, once or recurring: what matches isn't told in them")

  signed(timed(scoped(maintenance.command('add').description('plan a window; it may be past'))))
    .argument('<name>', 'what is done')
    .argument('[matcher...]', `'branch="Vake"', 'device=~"sw-.*"': all must match`)
    .option('--cron <expression>', 'begins each time: "0 2 * * 0"; --for says how long each lasts')
    .option('--json', 'as JSON')
    .action((name: string, words: string[], options: AddWindowOptions) =>
      run(async (desk) => {
        const { addWindow } = await import('./maintenance/add.ts')
        return addWindow(desk, name, words, options, streams)
      }),
    )

  scoped(maintenance.command('list').description('the windows, those of the configuration too'))
    .option('--next <duration>', 'what is open or begins in that time: 7d')
    .option('--all', 'those that are over, too')
    .option('--json', 'as JSON')
    .action((options: ListWindowsOptions) =>
      run(async (desk) => {
        const { listWindows } = await import('./maintenance/list.ts')
        return listWindows(desk, options, streams)
      }),
    )

  authored(maintenance.command('remove').description('remove windows'))
    .argument('<id...>', 'ids, or what they begin with')
    .action((words: string[], options: { author: string }) =>
      run(async (desk) => {
        const { removeWindows } = await import('./maintenance/remove.ts')
        return removeWindows(desk, words, options, streams)
      }),
    )

  addLogCommand(maintenance, 'window', 'who did what to maintenance windows, and when', run)
}
