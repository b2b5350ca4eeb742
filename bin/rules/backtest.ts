import { dirname } from 'node:path'
import { differenceOf } from '../../alerting/backtest/difference.ts'
import { localTime } from '../../alerting/backtest/local-time.ts'
import { missingRecordings } from '../../alerting/backtest/recorded.ts'
import { findingsJson } from '../../alerting/backtest/report-json.ts'
import { type Findings, reportFindings } from '../../alerting/backtest/report.ts'
import { backtest } from '../../alerting/backtest/run.ts'
import { summarize } from '../../alerting/backtest/summary.ts'
import { toldIn } from '../../alerting/backtest/told.ts'
import type { Receiver } from '../../alerting/notify/notification.ts'
import { receiverOf } from '../../alerting/notify/receivers/index.ts'
import { loadRuleFiles } from '../../alerting/rule-files/load.ts'
import { isAlertRule, type RuleGroup } from '../../alerting/rule.ts'
import { builtInRules } from '../../alerting/rules/index.ts'
import { ConfigError } from '../../lib/config/problem.ts'
import { receiverSchema } from '../../lib/config/receivers.ts'
import type { Config } from '../../lib/config/schema.ts'
import { parseInstant } from '../../lib/decisions/cron.ts'
import { NOTHING_DECIDED } from '../../lib/decisions/decided.ts'
import { parseDuration } from '../../lib/duration.ts'
import { createLog } from '../../lib/log.ts'
import { StartError } from '../../lib/start-error.ts'
import { connectVictoriaMetrics } from '../../lib/victoriametrics.ts'
import type { Output } from '../output.ts'
import { loadNetwork } from '../snmp/network.ts'
import { createProgress } from './progress.ts'

export type BacktestCommandOptions = {
  readonly from: string
  readonly to?: string
  /** In place of the configured ones. */
  readonly rules?: readonly string[]
  readonly against?: readonly string[]
  readonly builtIn?: boolean
  /** Whether the maintenance windows of the configuration hold back. */
  readonly maintenance?: boolean
  readonly vmUrl?: string
  readonly timeZone?: string
  readonly messages?: string
  readonly format?: 'text' | 'json'
}

const MOST_MESSAGES = 100

/** `wardline rules backtest`: what rules would have told over a past time. Gives the exit code. */
export async function backtestRules(
  configPath: string,
  options: BacktestCommandOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const { config, inventory } = await loadNetwork(configPath)
  const timeZone = options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const clock = clockOf(timeZone)
  const now = Date.now()
  const from = readInstant('--from', options.from, timeZone, now)
  const to = Math.min(now, readInstant('--to', options.to ?? 'now', timeZone, now))
  if (from >= to) throw new StartError('--from: expected an instant before --to and before now')
  const most = readCount(options.messages ?? String(MOST_MESSAGES))

  const builtIn = options.builtIn === false ? [] : builtInRules(config)
  const { rules, against } = options
  const own =
    rules === undefined
      ? await load(config.alerting.rule_files, dirname(configPath))
      : await load(rules, process.cwd())
  const old = against === undefined ? null : await load(against, process.cwd())
  const ruleSets = [own, old].flatMap((set) => (set === null ? [] : [[...builtIn, ...set]]))

  await using victoriaMetrics = connectVictoriaMetrics(
    options.vmUrl ?? config.victoriametrics.url ?? `http://${config.victoriametrics.listen}`,
  )
  if (!(await victoriaMetrics.healthy())) {
    throw new StartError(
      `VictoriaMetrics can't be reached at ${victoriaMetrics.url}: start it, or give its address by --vm-url`,
    )
  }
  const period = { from, to }
  for (const name of await missingRecordings(ruleSets.flat(), victoriaMetrics, period, signal))
    output.error(
      `notice: nothing recorded ${name} then, and a replay doesn't either: rules that read it see nothing`,
    )
  const progress = createProgress(process.stderr)
  const result = await backtest(
    {
      victoriaMetrics,
      inventory,
      config,
      receivers: receiversOf(config),
      ruleSets,
      from,
      to,
      decided:
        options.maintenance === true
          ? { ...NOTHING_DECIDED, windows: config.maintenance }
          : NOTHING_DECIDED,
      progress: progress.show,
      log: createLog('silent'),
    },
    signal,
  ).finally(progress.end)

  const [messages = [], before] = result.messages
  const findings: Findings = {
    period,
    rules: ruleSets[0]?.flatMap((group) => group.rules.filter(isAlertRule)).length ?? 0,
    messages,
    summary: summarize(messages, period, clock),
    against:
      before === undefined
        ? null
        : {
            summary: summarize(before, period, clock),
            difference: differenceOf(toldIn(messages), toldIn(before)),
          },
    problems: result.problems,
  }
  if (options.format === 'json') output.print(JSON.stringify(findingsJson(findings), null, 2))
  else for (const line of reportFindings(findings, clock, most)) output.print(line)
  return 0
}

async function load(patterns: readonly string[], baseDir: string): Promise<readonly RuleGroup[]> {
  const { groups, problems } = await loadRuleFiles(patterns, baseDir)
  if (problems.length === 0) return groups
  throw new ConfigError(
    problems.map((problem) =>
      problem.path === 'alerting.rule_files' && baseDir === process.cwd()
        ? { file: 'rules', message: problem.message }
        : problem,
    ),
  )
}

/** Those of the configuration; without any, one that is told everything. */
function receiversOf({ receivers, alerting }: Config): Receiver[] {
  const externals = { externalUrl: alerting.external_url, externalLabels: {} }
  const configs =
    receivers.length > 0
      ? receivers
      : [receiverSchema.parse({ name: 'anybody', webhook: { url: 'http://127.0.0.1/' } })]
  return configs.map((receiver) => receiverOf(receiver, externals))
}

function clockOf(timeZone: string): ReturnType<typeof localTime> {
  try {
    return localTime(timeZone)
  } catch (error) {
    const got = JSON.stringify(timeZone)
    throw new StartError(
      `--time-zone: expected the name of a time zone, such as Asia/Tbilisi, got ${got}`,
      { cause: error },
    )
  }
}

/** An instant, `now`, or how long ago. */
function readInstant(option: string, text: string, timeZone: string, now: number): number {
  if (text === 'now') return now
  const at = parseInstant(text, timeZone)
  if (at !== null) return at
  const ago = parseDuration(text)
  if (ago !== null) return now - ago
  throw new StartError(
    `${option}: expected an instant such as "2026-08-21 22:00" or 2026-08-21T22:00:00+04:00, or how long ago, such as 30d, got ${JSON.stringify(text)}`,
  )
}

function readCount(text: string): number {
  if (text === 'all') return Infinity
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new StartError(`--messages: expected a number, or all, got ${JSON.stringify(text)}`)
}
