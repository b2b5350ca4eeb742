import { type Command, Option } from 'commander'
import { ROLES } from '../../lib/auth/grant.ts'

/** What somebody may do, and where. */
export const granted = (command: Command): Command =>
  command
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).default('viewer'))
    .option('--region <name...>', 'sees these regions; with no branch either, everything')
    .option('--branch <name...>', 'sees these branches')
