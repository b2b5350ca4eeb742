import { localUrl } from '../../lib/listen-address.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Desk } from '../decisions/desk.ts'
import { type ScopeOptions, matchersOf } from '../decisions/scope.ts'
import { type WhenOptions, readWhen } from '../decisions/when.ts'
import type { Output } from '../output.ts'
import { firingAlerts } from './firing.ts'
import { alertText } from './list.ts'

export type AddAckOptions = ScopeOptions &
  Omit<WhenOptions, 'from'> & {
    readonly sticky?: boolean
    readonly comment: string
    readonly author: string
    readonly json?: boolean
  }

/** `wardline ack add`: acknowledges each alert that fires and matches. */
export async function addAcknowledgements(
  desk: Desk,
  words: readonly string[],
  options: AddAckOptions,
  output: Output,
): Promise<number> {
  const { endsAt } = readWhen(options, desk.now)
  const sticky = options.sticky === true
  if (sticky && endsAt === null)
    throw new StartError('--sticky: expected an end, too: --for 8h, or --until')
  const matchers = await matchersOf(words, options, desk.source)
  const { api, alerting } = desk.source.config
  const alerts = await firingAlerts(api.alerting_url ?? localUrl(alerting.listen), matchers)
  if (alerts.length === 0) {
    output.error('no alert that fires matches: there is nothing to acknowledge')
    return 1
  }
  const made = []
  for (const { fingerprint, labels, startsAt } of alerts) {
    const acknowledgement = await desk.edits.putAcknowledgement({
      id: fingerprint,
      labels,
      startsAt: Date.parse(startsAt),
      createdBy: options.author,
      comment: options.comment,
      expiresAt: endsAt,
      sticky,
    })
    made.push(acknowledgement)
    if (options.json !== true) output.print(`${fingerprint}  ${alertText(labels)}`)
  }
  if (options.json === true) output.print(JSON.stringify(made, null, 2))
  return 0
}
