import { receiverOf } from '../../alerting/notify/receivers/index.ts'
import { formatPath } from '../../lib/config/explain.ts'
import type { LoadedConfig } from '../../lib/config/load.ts'
import type { Problem } from '../../lib/config/problem.ts'
import type { ReceiverConfig } from '../../lib/config/receivers.ts'
import { StartError } from '../../lib/start-error.ts'

/** The templates of receivers that can't be read, each at its place. */
export function checkReceivers({ config, file, line }: LoadedConfig): Problem[] {
  return config.receivers.flatMap((receiver, index) =>
    // One by one: the first that is wrong would hide the other.
    (['title', 'text'] as const).flatMap((key) => {
      const templates = { [key]: receiver.templates[key] }
      const message = flawOf({ ...receiver, templates })
      const path = ['receivers', index, 'templates', key]
      return message === null ? [] : [{ file, line: line(path), path: formatPath(path), message }]
    }),
  )
}

function flawOf(receiver: ReceiverConfig): string | null {
  try {
    receiverOf(receiver, { externalUrl: '', externalLabels: {} })
    return null
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    const { cause } = error
    return cause instanceof Error ? `expected a Go template: ${cause.message}` : error.message
  }
}
