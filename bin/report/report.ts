import type { Inventory } from '../../lib/inventory.ts'
import { systemClock } from '../../lib/clock.ts'
import { atOnce } from '../../lib/slices.ts'
import { StartError } from '../../lib/start-error.ts'
import { VictoriaMetricsError, connectVictoriaMetrics } from '../../lib/victoriametrics.ts'
import { Problem } from '../../api/problem.ts'
import { reportCsv } from '../../api/reports/csv.ts'
import { reportJson, reportText } from '../../api/reports/json.ts'
import { type ReportQuestion, pageQuery } from '../../api/reports/question.ts'
import { type Report, createReports } from '../../api/reports/report.ts'
import type { Desk } from '../decisions/desk.ts'
import { withDevices } from '../device/open.ts'
import type { Output } from '../output.ts'
import { outageLines, rowLines } from './table.ts'

export type ReportOptions = {
  readonly month?: string
  readonly from?: string
  readonly to?: string
  readonly tz?: string
  readonly by: string
  readonly device?: readonly string[]
  readonly branch?: readonly string[]
  readonly region?: readonly string[]
  readonly type?: readonly string[]
  readonly windowsAsOf?: string
  readonly limit?: string
  readonly outages?: boolean
  readonly csv?: boolean
  readonly json?: boolean
}

/** `wardline report`: what the API's report says, of the whole fleet. Gives the exit code: 1 when VictoriaMetrics can't be asked. */
export function report(desk: Desk, options: ReportOptions, output: Output): Promise<number> {
  const question = questionOf(options)
  const limit = limitOf(options.limit)
  return withDevices(desk, output, async ({ state }) => {
    try {
      const told = await ask(desk, state.merged.inventory, question)
      print(told, options, limit, output)
      return 0
    } catch (error) {
      if (error instanceof Problem) throw new StartError(optionText(error), { cause: error })
      if (!(error instanceof VictoriaMetricsError)) throw error
      const advice = 'wardline has to run; victoriametrics.url says where it stores'
      output.error(error.reason === 'unreachable' ? `${error.message}: ${advice}` : error.message)
      return 1
    }
  })
}

async function ask(desk: Desk, inventory: Inventory, question: ReportQuestion): Promise<Report> {
  const { config } = desk.source
  // Without a URL wardline starts one of its own there.
  const url = config.victoriametrics.url ?? `http://${config.victoriametrics.listen}`
  await using store = connectVictoriaMetrics(url, { connections: 2 })
  const reports = createReports({
    store,
    fleet: () => inventory,
    decisions: { current: await desk.read(), log: desk.edits.log },
    evaluationMs: config.alerting.interval,
    clock: systemClock,
  })
  // Awaited here: the store is closed at the end of this function.
  return await reports.ask(question, inventory, new AbortController().signal)
}

function print(
  told: Report,
  { outages = false, csv = false, json = false }: ReportOptions,
  limit: number,
  output: Output,
): void {
  if (json) return output.print(atOnce(reportText(told, { outages })))
  if (csv) {
    const text = atOnce(reportCsv(told, { list: outages ? 'outages' : 'rows', bom: false }))
    return output.print(text.replace(/\r\n$/, '\r'))
  }
  const whole = reportJson(told, { outages: true })
  for (const line of outages ? outageLines(whole, limit) : rowLines(whole, limit))
    output.print(line)
}

/** The options as the API's parameters, by whose words they are refused. */
function questionOf({
  month,
  from,
  to,
  tz = Intl.DateTimeFormat().resolvedOptions().timeZone,
  by,
  device,
  branch,
  region,
  type,
  windowsAsOf,
}: ReportOptions): ReportQuestion {
  const written = {
    month,
    from,
    to,
    tz,
    by,
    device,
    branch,
    region,
    type,
    windows_as_of: windowsAsOf,
  }
  const given = Object.fromEntries(
    Object.entries(written).filter(([, value]) => value !== undefined),
  )
  const checked = pageQuery(() => systemClock.now()).safeParse(given)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  throw new StartError(
    `--${String(issue?.path[0] ?? '').replaceAll('_', '-')}: ${issue?.message ?? ''}`,
  )
}

/** The API names a parameter where the command has an option. */
function optionText({ message, extra }: Problem): string {
  const { parameter } = extra
  return typeof parameter === 'string' && message.startsWith(`${parameter}: `)
    ? `--${parameter.replaceAll('_', '-')}${message.slice(parameter.length)}`
    : message
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return Infinity
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (number > 0) return number
  throw new StartError(`--limit: expected a whole number from 1, got ${JSON.stringify(text)}`)
}
