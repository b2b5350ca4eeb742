import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { StartError } from '../../lib/start-error.ts'

/** What all commands about decisions have in common. */

export const scoped = (command: Command): Command =>
  command
    .option('--device <name...>', 'of these devices: ids, names or addresses in the inventory')
    .option('--branch <name...>', 'of these branches')
    .option('--region <name...>', 'of these regions')
    .option('--alert <name...>', 'alerts of these names, such as DeviceDown')

export const timed = (command: Command): Command =>
  command
    .option('--from <instant>', 'begins then; now unless told')
    .option('--for <duration>', 'lasts so long: 2h, 30m')
    .option('--until <instant>', 'ends then: "2026-08-21 22:00", or with an offset (RFC 3339)')
    .option('--time-zone <name>', "of instants without an offset: this machine's unless told")

export const signed = (command: Command): Command =>
  command
    .requiredOption('--comment <text>', 'why: the others will want to know')
    .option('--author <name>', 'who; you unless told', whoAmI())

export const authored = (command: Command): Command =>
  command.option('--author <name>', 'who; you unless told', whoAmI())

/** $USER, or the name of the account: in a container there may be neither. */
export function whoAmI(): string {
  const user = process.env['USER']
  if (user !== undefined && user !== '') return user
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}

/** Ids by what they begin with, as a person copies them. Throws StartError when that is none, or several. */
export function findId(ids: readonly string[], word: string, what: string): string {
  const found = ids.includes(word) ? [word] : ids.filter((id) => id.startsWith(word))
  const [id, ...others] = found
  if (id === undefined) throw new StartError(`no ${what} has the id ${word}`)
  if (others.length > 0) throw new StartError(`several ${what}s have ids that begin with ${word}`)
  return id
}
