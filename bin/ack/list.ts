import type { Acknowledgement } from '../../lib/decisions/acknowledgement.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Desk } from '../decisions/desk.ts'
import type { ScopeOptions } from '../decisions/scope.ts'
import { formatInstant } from '../decisions/when.ts'
import type { Output } from '../output.ts'
import { alignedLines } from '../snmp/table.ts'

export type ListAcksOptions = ScopeOptions & { readonly expired?: boolean; readonly json?: boolean }

/** `wardline ack list`: those in force, or those that expired, too. */
export async function listAcknowledgements(
  desk: Desk,
  options: ListAcksOptions,
  output: Output,
): Promise<number> {
  const { acknowledgements } = await desk.read()
  const found = acknowledgements
    .filter(({ expiresAt }) => options.expired === true || (expiresAt ?? Infinity) > desk.now)
    .filter(({ labels }) => isOf(labels, options))
    .sort((one, other) => other.at - one.at)
  if (options.json === true) {
    output.print(JSON.stringify(found, null, 2))
    return 0
  }
  const rows = found.map((each) => [
    each.id,
    alertText(each.labels),
    formatInstant(each.startsAt),
    formatInstant(each.at),
    endText(each),
    each.createdBy,
    each.comment,
  ])
  const head = ['id', 'alert', 'since', 'acknowledged', 'until', 'author', 'comment']
  for (const line of alignedLines([head, ...rows])) output.print(line)
  return 0
}

/** `DeviceDown r1, Vake`: enough for a person to know which one is meant. */
export function alertText({ alertname = '', device = '', branch = '' }: Labels): string {
  return [[alertname, device].filter(Boolean).join(' '), branch].filter(Boolean).join(', ')
}

function endText({ expiresAt, sticky }: Acknowledgement): string {
  if (expiresAt === null) return 'it ends'
  return `${formatInstant(expiresAt)}${sticky ? ', sticky' : ''}`
}

function isOf(labels: Labels, { device, branch, region, alert }: ScopeOptions): boolean {
  const asked = { device, branch, region, alertname: alert }
  return Object.entries(asked).every(
    ([name, values]) => values === undefined || values.includes(labels[name] ?? ''),
  )
}
