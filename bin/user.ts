import type { Command } from 'commander'
import type { GrantOptions } from './access/grant.ts'
import { granted } from './access/options.ts'
import { deskOf } from './decisions/commands.ts'
import { authored } from './decisions/options.ts'
import { streams } from './output.ts'

type By = { readonly author: string }

/** Adds `wardline user …` to the program. What the commands do is imported when they are asked for. */
export function addUserCommands(program: Command, configPath: () => string): void {
  const run = deskOf(configPath)
  const user = program.command('user').description('who may sign in to the page and the API')

  authored(granted(user.command('add').description('add somebody; asks for the password')))
    .argument('<name>')
    .action((name: string, options: GrantOptions & By) =>
      run(async (desk) => {
        const { addUser } = await import('./access/user.ts')
        return addUser(desk, name, options, streams)
      }),
    )

  user
    .command('list')
    .description('everybody, with role and scope')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) =>
      run(async (desk) => {
        const { listUsers } = await import('./access/user.ts')
        return listUsers(desk, options, streams)
      }),
    )

  authored(user.command('passwd').description('set a password; their sessions end'))
    .argument('<name>')
    .action((name: string, options: By) =>
      run(async (desk) => {
        const { setPassword } = await import('./access/user.ts')
        return setPassword(desk, name, options, streams)
      }),
    )

  for (const [verb, description] of [
    ['disable', 'nobody signs in under this name any more; their sessions end'],
    ['enable', 'they may sign in again'],
  ] as const) {
    authored(user.command(verb).description(description))
      .argument('<name>')
      .action((name: string, options: By) =>
        run(async (desk) => {
          const { switchUser } = await import('./access/user.ts')
          return switchUser(desk, name, verb === 'disable', options, streams)
        }),
      )
  }

  authored(user.command('remove').description('remove somebody; their sessions end'))
    .argument('<name>')
    .action((name: string, options: By) =>
      run(async (desk) => {
        const { removeUser } = await import('./access/user.ts')
        return removeUser(desk, name, options, streams)
      }),
    )
}
