import { receiverOf } from '../../alerting/notify/receivers/index.ts'
import { type ReceiverConfig, kindOf } from '../../lib/config/receivers.ts'
import { formatDuration } from '../../lib/duration.ts'
import type { Output } from '../output.ts'
import { alignedLines } from '../snmp/table.ts'
import { placeOf } from './place.ts'

/** `wardline notify list`: one line for each receiver. Gives the exit code. */
export function listReceivers(
  receivers: readonly ReceiverConfig[],
  { json = false }: { json?: boolean },
  output: Output,
): number {
  const listed = receivers.map((config) => {
    const receiver = receiverOf(config, { externalUrl: '', externalLabels: {} })
    return {
      name: config.name,
      kind: kindOf(config).kind,
      place: placeOf(config),
      group_by: receiver.groupBy,
      repeat_interval: formatDuration(receiver.repeatMs),
      send_resolved: receiver.sendResolved,
      send_updates: receiver.updatesInPlace,
    }
  })
  if (json) output.print(JSON.stringify(listed))
  else for (const line of alignedLines(listed.map(columns))) output.print(line)
  if (listed.length === 0)
    output.error('Nobody is told: the configuration has no receivers (docs/receivers.md)')
  return 0
}

type Listed = {
  readonly name: string
  readonly kind: string
  readonly place: string
  readonly group_by: readonly string[]
  readonly repeat_interval: string
  readonly send_resolved: boolean
  readonly send_updates: boolean
}

const columns = ({ name, kind, place, ...receiver }: Listed): string[] => [
  name,
  kind,
  place,
  `by ${receiver.group_by.join(', ') || 'all in one'}`,
  `again every ${receiver.repeat_interval}`,
  [
    receiver.send_resolved ? 'resolutions' : 'no resolutions',
    receiver.send_updates ? 'updates' : 'no updates',
  ].join(', '),
]
