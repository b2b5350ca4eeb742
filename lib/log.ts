import { type Logger, pino } from 'pino'
import { didYouMean } from './config/nearest.ts'
import { LOG_LEVELS } from './config/schema.ts'
import { StartError } from './start-error.ts'

export type { Logger } from 'pino'

type LogLevel = (typeof LOG_LEVELS)[number]

/** WARDLINE_LOG_LEVEL where it is set, which is checked here, and what the configuration says otherwise. */
export function chooseLogLevel(
  configured: LogLevel,
  wanted = process.env['WARDLINE_LOG_LEVEL'],
): LogLevel {
  if (wanted === undefined || wanted === '') return configured
  const level = LOG_LEVELS.find((known) => known === wanted)
  if (level !== undefined) return level
  throw new StartError(
    `WARDLINE_LOG_LEVEL: expected one of ${LOG_LEVELS.join(', ')}, got ${JSON.stringify(wanted)}${didYouMean(wanted, LOG_LEVELS)}`,
  )
}

/** Structured logs on standard error: pretty on a terminal, JSON lines elsewhere. */
export function createLog(level: LogLevel | 'silent' = 'info'): Logger {
  if (process.stderr.isTTY) {
    return pino({
      level,
      transport: {
        target: 'pino-pretty',
        options: { destination: 2, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' },
      },
    })
  }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2))
}
