import type { Device } from '../../lib/inventory.ts'

/** Devices of one count and timeout, by address. */
export type PlannedRun = {
  /** Echoes to each target. */
  readonly count: number
  readonly timeoutMs: number
  readonly targets: Map<string, Device[]>
}

/** One fping run uses a third of its 65,536 sequence numbers at most; each echo takes one for as long as it lasts. */
const MAX_ECHOES = 20_000

/** The fping runs of one slot: its devices, each with the echoes of its probe. Those whose name isn't resolved are left out. */
export function planRuns(
  due: ReadonlyMap<Device, number>,
  resolve: (device: Device) => string | null,
): PlannedRun[] {
  const runs = new Map<string, PlannedRun[]>()
  for (const [device, count] of due) {
    const address = resolve(device)
    if (address === null) continue
    const { timeoutMs } = device.ping
    const key = `${count}/${timeoutMs}`
    const same = runs.get(key) ?? []
    runs.set(key, same)
    let run = same.at(-1)
    if (run === undefined || run.targets.size * count >= MAX_ECHOES) {
      run = { count, timeoutMs, targets: new Map() }
      same.push(run)
    }
    // Devices that share an address share its probe, and each gets its sample.
    const sharing = run.targets.get(address)
    if (sharing === undefined) run.targets.set(address, [device])
    else sharing.push(device)
  }
  return [...runs.values()].flat()
}
