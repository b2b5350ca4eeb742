/** What a process did in a time, and its own CPU for it, V8's other threads included. */
export type Spent = {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Runs at full load, after a warm-up in which code is compiled and caches fill. */
export async function measureLoad(
  { warmupSeconds, seconds }: { warmupSeconds: number; seconds: number },
  load: (seconds: number) => Promise<void>,
  onStart: () => void,
): Promise<Spent> {
  await load(warmupSeconds)
  onStart()
  const before = process.cpuUsage()
  const startedAt = performance.now()
  await load(seconds)
  const { user, system } = process.cpuUsage(before)
  return {
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (user + system) / 1e6,
  }
}

/** One after the other in each of `lanes`, until the time is over; `turn` counts from 0 over all lanes. */
export async function keepBusy(
  { lanes, seconds }: { lanes: number; seconds: number },
  once: (turn: number) => Promise<void>,
): Promise<void> {
  const until = performance.now() + seconds * 1000
  let turn = 0
  async function lane(): Promise<void> {
    while (performance.now() < until) await once(turn++)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
