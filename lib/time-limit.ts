import type { FailureReason } from './victoriametrics.ts'

/**
 * How long an answer is waited for. A line that was cut without a word leaves a connection on which none ever comes: the first
 * wait is short. Where the next connection brings none in time either, VictoriaMetrics is slow: it isn't asked the same again
 * and again, but waited for twice as long each time.
 */
export type TimeLimit = {
  readonly ms: number
  answered(tookMs: number): void
  failed(reason: FailureReason): void
}

export function createTimeLimit({
  least,
  most,
  first = least,
}: {
  readonly least: number
  readonly most: number
  /** Before anything was answered; the least unless told. */
  readonly first?: number
}): TimeLimit {
  let ms = first
  let hasTimedOut = false
  return {
    get ms() {
      return ms
    },
    answered(tookMs) {
      hasTimedOut = false
      ms = Math.ceil(Math.min(most, Math.max(least, tookMs * 2, ms / 2)))
    },
    failed(reason) {
      if (reason === 'timeout' && hasTimedOut) ms = Math.min(most, ms * 2)
      if (reason === 'unreachable') ms = first
      hasTimedOut = reason === 'timeout'
    },
  }
}
