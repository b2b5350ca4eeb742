import { type Command, Option } from 'commander'
import { isAbort } from '../lib/clock.ts'
import { streams } from './output.ts'
import type { BacktestCommandOptions } from './rules/backtest.ts'
import type { RulesTestOptions } from './rules/test.ts'
import { endSignal } from './signals.ts'

/** Adds `wardline rules …` to the program. What the commands do is imported when they are asked for. */
export function addRulesCommands(program: Command, configPath: () => string): void {
  const rules = program
    .command('rules')
    .description('rules: what they are, test them, replay them, write them as YAML')

  rules
    .command('list')
    .description('the rules that alerting runs with this configuration')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { listRules } = await import('./rules/list.ts')
      process.exitCode = await listRules(configPath(), options, streams)
    })

  rules
    .command('test')
    .description('run unit tests of rules: YAML of vmalert-tool and promtool, or .ts')
    .argument('<files...>', 'test files, or globs of them')
    .option('--filter <text>', 'only tests with this in their name')
    .option('--junit <file>', "write the results as JUnit's XML, too")
    .option('--external-label <name=value...>', 'labels that all tests have, as external labels')
    .option('--external-url <url>', '$externalURL of templates')
    .action((files: string[], options: RulesTestOptions) =>
      until(async (signal) => {
        const { testRules } = await import('./rules/test.ts')
        return testRules(files, options, streams, signal)
      }),
    )

  rules
    .command('backtest')
    .description('replay history: what rules would have told, when, and how much at night')
    .requiredOption('--from <time>', 'an instant, or how long ago: 30d')
    .option('--to <time>', 'now unless told')
    .option('--rules <files...>', 'these in place of the rule files of the configuration')
    .option('--against <files...>', 'tell what differs from these rules')
    .option('--no-built-in', "without wardline's own rules")
    .option('--maintenance', 'the maintenance windows of the configuration hold back')
    .option('--vm-url <url>', 'VictoriaMetrics; that of the configuration unless told')
    .option('--time-zone <name>', "of instants and nights; this machine's unless told")
    .option('--messages <n>', 'so many messages are shown, or all; 100 unless told')
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .action((options: BacktestCommandOptions) =>
      until(async (signal) => {
        const { backtestRules } = await import('./rules/backtest.ts')
        return backtestRules(configPath(), options, streams, signal)
      }),
    )

  rules
    .command('export')
    .description('the built-in rules and those of .ts files as YAML that vmalert reads')
    .option('--out <dir>', 'a file for each source there; left out: all on the standard output')
    .action(async ({ out }: { out?: string }) => {
      const { exportRules } = await import('./rules/export.ts')
      process.exitCode = await exportRules({ configPath: configPath(), out })
    })
}

/** Runs what ends at SIGINT; an end that was asked for is no fault. */
async function until(work: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const signal = endSignal()
  try {
    process.exitCode = await work(signal)
  } catch (error) {
    if (!isAbort(error, signal)) throw error
    process.exitCode = 1
  }
}
