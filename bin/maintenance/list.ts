import {
  type MaintenanceWindow,
  type Schedule,
  spansBetween,
  windowAt,
} from '../../lib/decisions/window.ts'
import { formatDuration } from '../../lib/duration.ts'
import { formatMatchers } from '../../lib/matchers.ts'
import type { Desk } from '../decisions/desk.ts'
import { type ScopeOptions, concerns } from '../decisions/scope.ts'
import { formatInstant, readDuration } from '../decisions/when.ts'
import type { Output } from '../output.ts'
import { alignedLines } from '../snmp/table.ts'

export type ListWindowsOptions = ScopeOptions & {
  readonly next?: string
  readonly all?: boolean
  readonly json?: boolean
}

/** `wardline maintenance list`: the windows, or with `--next 7d` what of them is open or begins until then. */
export async function listWindows(
  desk: Desk,
  options: ListWindowsOptions,
  output: Output,
): Promise<number> {
  const { windows } = await desk.read()
  const found = windows.filter(({ matchers }) => concerns(matchers, options))
  if (options.next === undefined) listAll(found, desk.now, options, output)
  else listNext(found, desk.now, readDuration('--next', options.next), options, output)
  return 0
}

function listAll(
  windows: readonly MaintenanceWindow[],
  now: number,
  { all, json }: ListWindowsOptions,
  output: Output,
): void {
  const found = windows.filter(
    ({ schedule }) => all === true || (schedule.endsAt ?? Infinity) > now,
  )
  if (json === true) {
    output.print(
      JSON.stringify(
        found.map((each) => ({ ...each, open: windowAt(each, now) })),
        null,
        2,
      ),
    )
    return
  }
  const rows = found.map((window) => {
    const { id, name, createdBy, matchers, schedule, comment } = window
    const state = stateText(window, now)
    return [id, name, state, scheduleText(schedule), createdBy, formatMatchers(matchers), comment]
  })
  const head = ['id', 'name', 'state', 'when', 'author', 'matchers', 'comment']
  for (const line of alignedLines([head, ...rows])) output.print(line)
}

function listNext(
  windows: readonly MaintenanceWindow[],
  now: number,
  aheadMs: number,
  { json }: ListWindowsOptions,
  output: Output,
): void {
  const spans = windows
    .flatMap((window) =>
      spansBetween(window, { from: now, until: now + aheadMs }).map((span) => ({
        ...span,
        window,
      })),
    )
    .sort((one, other) => one.from - other.from)
  if (json === true) {
    const plain = spans.map(({ from, until, window }) => ({
      from: new Date(from).toISOString(),
      until: new Date(until).toISOString(),
      id: window.id,
      name: window.name,
      matchers: window.matchers,
    }))
    output.print(JSON.stringify(plain, null, 2))
    return
  }
  const rows = spans.map(({ from, until, window: { id, name, matchers } }) => [
    formatInstant(from),
    formatInstant(until),
    name,
    formatMatchers(matchers),
    id,
  ])
  for (const line of alignedLines([['from', 'until', 'name', 'matchers', 'id'], ...rows]))
    output.print(line)
}

function stateText(window: MaintenanceWindow, now: number): string {
  const open = windowAt(window, now)
  if (open !== null) return `open until ${formatInstant(open.until)}`
  if ((window.schedule.endsAt ?? Infinity) <= now) return 'over'
  const year = 366 * 86_400_000
  const [next] = spansBetween(window, { from: now, until: now + year }, 1)
  return next === undefined ? 'not within a year' : `next ${formatInstant(next.from)}`
}

/** `0 2 * * 0 for 2h, Asia/Tbilisi`, or from when until when. */
export function scheduleText(schedule: Schedule): string {
  if (schedule.kind === 'once')
    return `${formatInstant(schedule.startsAt)} until ${formatInstant(schedule.endsAt)}`
  const { cron, durationMs, timeZone, startsAt, endsAt } = schedule
  return [
    `${cron} for ${formatDuration(durationMs)}, ${timeZone}`,
    ...(startsAt === undefined ? [] : [`from ${formatInstant(startsAt)}`]),
    ...(endsAt === undefined ? [] : [`until ${formatInstant(endsAt)}`]),
  ].join(' ')
}
