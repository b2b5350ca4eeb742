import { type Command, Option } from 'commander'
import { deskOf } from './decisions/commands.ts'
import { streams } from './output.ts'
import type { ReportOptions } from './report/report.ts'

/** Adds `wardline report` to the program. What it does is imported when it is asked for. */
export function addReportCommand(program: Command, configPath: () => string): void {
  const run = deskOf(configPath)
  program
    .command('report')
    .description(
      'availability of devices, branches or regions: a month, or from one instant to another',
    )
    .option('--month <month>', 'such as 2026-10; the running one unless told')
    .option(
      '--from <instant>',
      'instead of a month: 2026-10-01, 2026-10-01T08:00+04:00 or Unix seconds',
    )
    .option('--to <instant>', 'with --from; now unless told')
    .option(
      '--tz <zone>',
      'the time zone of months, days and times; that of this machine unless told',
    )
    .addOption(
      new Option('--by <row>', 'what a line is')
        .choices(['device', 'branch', 'region'])
        .default('device'),
    )
    .option('--device <id...>', 'of these devices')
    .option('--branch <name...>', 'of these branches')
    .option('--region <name...>', 'of these regions')
    .option('--type <name...>', 'of these types')
    .option(
      '--windows-as-of <instant>',
      'with the maintenance windows that there were at that instant',
    )
    .option('--limit <n>', 'so many lines of the table; all unless told')
    .option('--outages', 'each outage instead of each row; with --json beside them')
    .addOption(new Option('--csv', 'as CSV').conflicts('json'))
    .option('--json', 'as JSON')
    .action((options: ReportOptions) =>
      run(async (desk) => {
        const { report } = await import('./report/report.ts')
        return report(desk, options, streams)
      }),
    )
}
