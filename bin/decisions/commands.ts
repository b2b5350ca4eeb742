import type { Command } from 'commander'
import type { Kind } from '../../lib/decisions/change.ts'
import { streams } from '../output.ts'
import type { ChangesOptions } from './changes.ts'
import type { Desk } from './desk.ts'

/** Runs what a command does over what is kept, and has its result for the exit code. */
export type AtDesk = (work: (desk: Desk) => Promise<number>) => Promise<void>

export const deskOf =
  (configPath: () => string): AtDesk =>
  async (work) => {
    const { atDesk } = await import('./desk.ts')
    process.exitCode = await atDesk(configPath(), streams, work)
  }

/** Adds `log`, which every kind of decision has, to the commands of one. */
export function addLogCommand(
  command: Command,
  kind: Kind,
  description: string,
  run: AtDesk,
): void {
  command
    .command('log')
    .description(description)
    .option('--since <duration>', 'in the last 7d')
    .option('--who <name>', 'by this person')
    .option('--limit <n>', 'so many at most: 100 unless told')
    .option('--json', 'as JSON, with what was before and after')
    .action((options: ChangesOptions) =>
      run(async (desk) => {
        const { listChanges } = await import('./changes.ts')
        return listChanges(desk, kind, options, streams)
      }),
    )
}
