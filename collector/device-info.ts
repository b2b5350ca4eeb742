import type { Clock } from '../lib/clock.ts'
import { type Device, type InventorySource, identityLabels } from '../lib/inventory.ts'
import { type Labels, labelsKey } from '../lib/labels.ts'
import type { Sample } from '../lib/line-protocol.ts'
import { STALE, type StaleSample } from '../lib/remote-write.ts'
import { offsetOf } from './plan.ts'

const EVERY_SECONDS = 300

/** Writes `device_info`: what may change about a device, as labels of one series, every 5 minutes and on change. */
export type DeviceInfo = {
  /** Texts that SNMP told (sysName, sysDescr …): more labels of the same series. */
  learn(device: Device, texts: Readonly<Record<string, string>>): void
  run(signal: AbortSignal): Promise<void>
}

export function createDeviceInfo({
  inventory,
  write,
  end,
  clock,
}: {
  inventory: InventorySource
  write: (samples: readonly Sample[]) => void
  /** Ends series that a changed device leaves behind, so that no ghost stays in a join. */
  end: (markers: readonly StaleSample[]) => void
  clock: Clock
}): DeviceInfo {
  const learned = new Map<string, Readonly<Record<string, string>>>()
  const written = new Map<
    string,
    { device: Device; learned: unknown; labels: Labels; key: string; offset: number }
  >()

  // The second of the last tick: turns that were slept over since then are taken now, once.
  let last = Number.NaN

  function isDue(offset: number, second: number): boolean {
    const passed = Number.isNaN(last) ? 1 : Math.max(1, second - last)
    const age = (second - offset) % EVERY_SECONDS // since its last turn
    return age < passed
  }

  function tick(at: number): void {
    const second = at / 1000
    const samples: Sample[] = []
    const ended: StaleSample[] = []
    for (const device of inventory.current.values()) {
      const texts = learned.get(device.id)
      let entry = written.get(device.id)
      const changed = entry === undefined || entry.device !== device || entry.learned !== texts
      if (changed) {
        const labels = infoLabels(device, texts)
        const key = labelsKey(labels)
        if (entry !== undefined && entry.key !== key) ended.push(endOf(entry.labels, at))
        const offset = offsetOf(device.id, EVERY_SECONDS)
        // The same labels keep their object: the encoder's prefix is cached by it.
        entry = {
          device,
          learned: texts,
          labels: entry?.key === key ? entry.labels : labels,
          key,
          offset,
        }
        written.set(device.id, entry)
      }
      if (entry !== undefined && (changed || isDue(entry.offset, second))) {
        samples.push({ measurement: 'device', labels: entry.labels, fields: { info: 1 }, at })
      }
    }
    for (const [id, entry] of written) {
      if (inventory.current.has(id)) continue
      ended.push(endOf(entry.labels, at))
      written.delete(id)
      learned.delete(id)
    }
    last = second
    if (ended.length > 0) end(ended)
    if (samples.length > 0) write(samples)
  }

  return {
    learn(device, texts) {
      const before = learned.get(device.id)
      if (before === undefined || labelsKey(before) !== labelsKey(texts))
        learned.set(device.id, texts)
    },
    async run(signal) {
      while (!signal.aborted) {
        const at = Math.floor(clock.now() / 1000) * 1000
        tick(at)
        await clock.sleepUntil(at + 1000, signal).catch(() => {})
      }
    },
  }
}

function infoLabels(device: Device, texts: Readonly<Record<string, string>> = {}): Labels {
  const { name, address, type, role, vendor, model } = device
  return { ...texts, ...identityLabels(device), name, address, type, role, vendor, model }
}

const endOf = (labels: Labels, at: number): StaleSample => ({
  labels: { ...labels, __name__: 'device_info' },
  value: STALE,
  at,
})
