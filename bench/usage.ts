import { readFile } from 'node:fs/promises'

/** What a process has taken so far, from /proc. */
export type Usage = {
  readonly cpuSeconds: number
  /** Of its children that have ended: for wardline, fping. */
  readonly childrenCpuSeconds: number
  readonly rssBytes: number
  /** Pages that several processes share are divided among them. */
  readonly pssBytes: number
}

// USER_HZ, which is what /proc counts in: 100 on every Linux that Node runs on.
const TICKS = 100

export async function readUsage(pid: number): Promise<Usage> {
  const [ticks, rollup] = await Promise.all([readTicks(pid), readMemory(pid)])
  return { ...ticks, ...rollup }
}

/** proc(5): the name is in brackets and may hold anything; the fields after it are counted from 3. */
async function readTicks(pid: number): Promise<Pick<Usage, 'cpuSeconds' | 'childrenCpuSeconds'>> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (place: number) => Number(fields[place - 3])
  return {
    cpuSeconds: (field(14) + field(15)) / TICKS,
    childrenCpuSeconds: (field(16) + field(17)) / TICKS,
  }
}

export async function readMemory(pid: number): Promise<Pick<Usage, 'rssBytes' | 'pssBytes'>> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) * 1024
  return { rssBytes: bytes('Rss'), pssBytes: bytes('Pss') }
}

/** The children that run now, with their names; those that end meanwhile are left out. */
export async function readChildren(pid: number): Promise<{ pid: number; name: string }[]> {
  // Each thread has children of its own; Node starts them from its main one.
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const children: { pid: number; name: string }[] = []
  for (const child of text.split(' ').filter(Boolean).map(Number)) {
    const name = await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '')
    if (name !== '') children.push({ pid: child, name: name.trim() })
  }
  return children
}
