import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** Structured logs on standard error: pretty on a terminal, JSON lines elsewhere. */
export function createLog(level = process.env['WARDLINE_LOG_LEVEL'] ?? 'info'): Logger {
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
