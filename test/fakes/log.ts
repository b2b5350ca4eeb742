import { Writable } from 'node:stream'
import { pino } from 'pino'
import type { Logger } from '../../lib/log.ts'

/** A log whose lines a test reads. */
export type RecordedLog = {
  readonly log: Logger
  readonly lines: {
    readonly level: number
    readonly msg: string
    readonly [key: string]: unknown
  }[]
}

export function recordLog(): RecordedLog {
  const lines: RecordedLog['lines'] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as RecordedLog['lines'][number])
      done()
    },
  })
  return { log: pino({ level: 'debug', base: null }, sink), lines }
}
