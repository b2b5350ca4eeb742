import type { Command } from 'commander'
import type { AddTokenOptions } from './access/token.ts'
import { granted } from './access/options.ts'
import { deskOf } from './decisions/commands.ts'
import { authored } from './decisions/options.ts'
import { streams } from './output.ts'

/** Adds `wardline token …` to the program. What the commands do is imported when they are asked for. */
export function addTokenCommands(program: Command, configPath: () => string): void {
  const run = deskOf(configPath)
  const token = program.command('token').description('what other programs sign in with')

  authored(granted(token.command('add').description('make a token; it is shown this once')))
    .argument('<name>', 'what it is for')
    .option('--for <duration>', 'expires after 90d; never unless told')
    .option('--json', 'as JSON')
    .action((name: string, options: AddTokenOptions) =>
      run(async (desk) => {
        const { addToken } = await import('./access/token.ts')
        return addToken(desk, name, options, streams)
      }),
    )

  token
    .command('list')
    .description('all tokens, and when they were used')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) =>
      run(async (desk) => {
        const { listTokens } = await import('./access/token.ts')
        return listTokens(desk, options, streams)
      }),
    )

  authored(token.command('remove').description('revoke tokens: they let nobody in any more'))
    .argument('<id...>', 'ids, or what they begin with')
    .action((words: string[], options: { author: string }) =>
      run(async (desk) => {
        const { removeTokens } = await import('./access/token.ts')
        return removeTokens(desk, words, options, streams)
      }),
    )
}
