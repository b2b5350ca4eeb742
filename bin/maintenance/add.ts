import type { Schedule } from '../../lib/decisions/window.ts'
import { windowAt } from '../../lib/decisions/window.ts'
import { formatMatchers } from '../../lib/matchers.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Desk } from '../decisions/desk.ts'
import { type ScopeOptions, matchersOf } from '../decisions/scope.ts'
import { type WhenOptions, readDuration, readWhen, timeZoneOf } from '../decisions/when.ts'
import type { Output } from '../output.ts'
import { scheduleText } from './list.ts'

export type AddWindowOptions = ScopeOptions &
  WhenOptions & {
    readonly cron?: string
    readonly comment: string
    readonly author: string
    readonly json?: boolean
  }

/** `wardline maintenance add` */
export async function addWindow(
  desk: Desk,
  name: string,
  words: readonly string[],
  options: AddWindowOptions,
  output: Output,
): Promise<number> {
  const window = await desk.edits.putWindow({
    name,
    matchers: await matchersOf(words, options, desk.source),
    schedule: scheduleOf(options, desk.now),
    createdBy: options.author,
    comment: options.comment,
  })
  if (options.json === true) output.print(JSON.stringify(window, null, 2))
  else {
    output.print(window.id)
    const open = windowAt(window, desk.now) === null ? '' : ', open now'
    output.print(`${formatMatchers(window.matchers)} ${scheduleText(window.schedule)}${open}`)
  }
  return 0
}

/** With --cron, --for is how long each lasts, and --from and --until bound them all. */
function scheduleOf(options: AddWindowOptions, now: number): Schedule {
  const { cron, for: lasts, ...rest } = options
  if (cron === undefined) {
    const { startsAt, endsAt } = readWhen(options, now)
    if (endsAt === null)
      throw new StartError('expected when: --for or --until, or --cron and --for')
    return { kind: 'once', startsAt, endsAt }
  }
  if (lasts === undefined) throw new StartError('expected how long each lasts: --for 2h')
  const { startsAt, endsAt } = readWhen(rest, now)
  return {
    kind: 'recurring',
    cron,
    durationMs: readDuration('--for', lasts),
    timeZone: timeZoneOf(options),
    ...(options.from !== undefined && { startsAt }),
    ...(endsAt !== null && { endsAt }),
  }
}
