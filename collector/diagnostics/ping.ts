import type { Outcome } from '../../lib/diagnostics.ts'
import { followFping } from '../ping/fping.ts'

const ECHOES = 10
const PERIOD_MS = 500
const TIMEOUT_MS = 2_000

/** Ten echoes, half a second apart, each told as it is answered or lost. Rejects with FpingError. */
export async function* pingDevice(
  fping: string,
  address: string,
  signal: AbortSignal,
): AsyncGenerator<string, Outcome> {
  yield `ping ${address}: ${ECHOES} echoes, one every ${PERIOD_MS / 1000} s`
  const args = ['-C', ECHOES, '-p', PERIOD_MS, '-t', TIMEOUT_MS, address].map(String)
  const seconds: number[] = []
  let count = 0
  for await (const line of followFping(fping, args, signal)) {
    const echo = readEcho(line)
    if (echo === null) {
      const said = complaintOf(line, address)
      if (said !== null) yield said
      continue
    }
    count++
    if (echo.ms !== null) seconds.push(echo.ms)
    yield `${echo.index + 1}: ${echo.ms === null ? 'no answer' : `${echo.ms} ms`}`
  }
  return outcomeOf(address, count, seconds)
}

/** One line of `fping -C`: `192.0.2.1 : [0], 64 bytes, 0.45 ms (0.45 avg, 0% loss)`, or `…: [0], timed out …`. */
export function readEcho(line: string): { index: number; ms: number | null } | null {
  const [, index, rest = ''] = /\s:\s\[(\d+)\],\s*(.*)$/.exec(line) ?? []
  if (index === undefined) return null
  const ms = /(\d+(?:\.\d+)?) ms/.exec(rest)?.[1]
  return { index: Number(index), ms: ms === undefined ? null : Number(ms) }
}

/** What fping says besides: a host that is unreachable, and by whom. Not its last line, which says all once more. */
function complaintOf(line: string, address: string): string | null {
  const text = line.trim()
  return text === '' || text.startsWith(`${address} :`) ? null : text
}

function outcomeOf(address: string, sent: number, answered: readonly number[]): Outcome {
  const lost = sent - answered.length
  const share = sent === 0 ? 100 : Math.round((lost / sent) * 100)
  if (answered.length === 0)
    return { ok: false, summary: `${address} answered none of ${sent} echoes` }
  const mean = answered.reduce((sum, ms) => sum + ms, 0) / answered.length
  const range = [Math.min(...answered), mean, Math.max(...answered)].map((ms) => ms.toFixed(2))
  return {
    ok: true,
    summary: `${address} answered ${answered.length} of ${sent} echoes (${share} % lost); least, mean, most: ${range.join(', ')} ms`,
  }
}
