import { humanizeDuration } from '../../lib/duration.ts'

/** How far a long work is, on the standard error: one line that changes on a terminal, a line for each tenth elsewhere. */
export type Progress = { show(share: number): void; end(): void }

const EVERY_MS = 250
/** Before so much is done nobody knows how long it takes. */
const LEAST_SHARE = 0.01

export function createProgress(stream: NodeJS.WriteStream): Progress {
  const startedAt = Date.now()
  let shownAt = 0
  let tenth = 0
  return {
    show(share) {
      const now = Date.now()
      const text = progressText(share, now - startedAt)
      if (stream.isTTY) {
        if (now - shownAt < EVERY_MS) return
        shownAt = now
        stream.write(`\r${text}\u001b[K`)
      } else if (Math.floor(share * 10) > tenth) {
        tenth = Math.floor(share * 10)
        stream.write(`${text}\n`)
      }
    },
    end() {
      if (stream.isTTY && shownAt > 0) stream.write('\r\u001b[K')
    },
  }
}

/** `40 %, 2m 10s to go` */
export function progressText(share: number, passedMs: number): string {
  const percent = `${Math.floor(share * 100)} %`
  if (share < LEAST_SHARE) return percent
  return `${percent}, ${humanizeDuration((passedMs / share) * (1 - share))} to go`
}
