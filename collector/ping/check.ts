import { readFile } from 'node:fs/promises'
import { lacksPrivilege, runFping } from './fping.ts'

const LOOPBACK = '127.0.0.1'

/**
 * Rejects with FpingError when fping can't do its work here. Known at the start, that is a message; known later,
 * it is a fleet that looks down.
 */
export async function checkFping(fping: string, signal: AbortSignal): Promise<void> {
  const run = { fping, count: 3, timeoutMs: 1_000, addresses: [LOOPBACK] }
  const echoes = (await runFping(run, signal)).get(LOOPBACK) ?? []
  if (echoes.some((echo) => echo !== null) || (await isSilenced())) return
  // fping 5.1 falls back to sockets that need no privilege, on which it takes no answer for its own
  // (https://github.com/schweikert/fping/issues/248).
  throw lacksPrivilege(`not even ${LOOPBACK} answers`, fping)
}

/** This machine is told not to answer pings: its silence says nothing about fping. */
async function isSilenced(): Promise<boolean> {
  const ignores = await readFile('/proc/sys/net/ipv4/icmp_echo_ignore_all', 'utf8').catch(() => '0')
  return ignores.trim() !== '0'
}
