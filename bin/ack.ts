import type { Command } from 'commander'
import type { AddAckOptions } from './ack/add.ts'
import type { ListAcksOptions } from './ack/list.ts'
import { addLogCommand, deskOf } from './decisions/commands.ts'
import { authored, scoped, signed } from './decisions/options.ts'
import { streams } from './output.ts'

/** Adds `wardline ack …` to the program. What the commands do is imported when they are asked for. */
export function addAckCommands(program: Command, configPath: () => string): void {
  const run = deskOf(configPath)
  const ack = program
    .command('ack')
    .description("somebody works on it: an alert isn't told again and doesn't escalate")

  signed(scoped(ack.command('add').description('acknowledge the alerts that fire and match')))
    .argument('[matcher...]', `'severity="critical"', 'device=~"sw-.*"': all must match`)
    .option('--for <duration>', 'for so long; unless told, until the alert ends')
    .option('--until <instant>', 'until then: "2026-08-21 22:00", or with an offset (RFC 3339)')
    .option('--time-zone <name>', "of instants without an offset: this machine's unless told")
    .option('--sticky', 'also when it ends and begins again; needs --for or --until')
    .option('--json', 'as JSON')
    .action((words: string[], options: AddAckOptions) =>
      run(async (desk) => {
        const { addAcknowledgements } = await import('./ack/add.ts')
        return addAcknowledgements(desk, words, options, streams)
      }),
    )

  scoped(ack.command('list').description('acknowledgements in force'))
    .option('--expired', 'those that expired in the last 5 days, too')
    .option('--json', 'as JSON')
    .action((options: ListAcksOptions) =>
      run(async (desk) => {
        const { listAcknowledgements } = await import('./ack/list.ts')
        return listAcknowledgements(desk, options, streams)
      }),
    )

  authored(ack.command('remove').description('take acknowledgements back'))
    .argument('<id...>', 'ids, or what they begin with')
    .action((words: string[], options: { author: string }) =>
      run(async (desk) => {
        const { removeAcknowledgements } = await import('./ack/remove.ts')
        return removeAcknowledgements(desk, words, options, streams)
      }),
    )

  addLogCommand(ack, 'acknowledgement', 'who acknowledged what, and when', run)
}
