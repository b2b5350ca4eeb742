import { readFileSync } from 'node:fs'

/** One process of one machine's life: a number alone may be given to another process later. */
export type ProcessIdentity = {
  readonly pid: number
  /** Clock ticks between the machine's start and the process's. */
  readonly startTicks: number
  readonly bootId: string
}

/** Null when there is no such process, when it has ended and waits for its parent, or where there is no /proc. */
export function identify(pid: number): ProcessIdentity | null {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    if (stat === null || stat.state === 'Z' || stat.state === 'X') return null
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return { pid, startTicks: stat.startTicks, bootId }
  } catch {
    return null
  }
}

/** True while exactly this process lives. */
export function isAlive(process: ProcessIdentity): boolean {
  const now = identify(process.pid)
  return now !== null && now.startTicks === process.startTicks && now.bootId === process.bootId
}

/** Fields 3 and 22 of proc_pid_stat(5). The command's name, field 2, may hold spaces and parentheses. */
export function parseStat(text: string): { state: string; startTicks: number } | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  const startTicks = Number(fields[19])
  if (state === undefined || state === '' || !Number.isInteger(startTicks)) return null
  return { state, startTicks }
}
