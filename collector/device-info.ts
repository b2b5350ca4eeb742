import type { Clock } from '../lib/clock.ts'
import { type Device, type InventorySource, identityLabels } from '../lib/inventory.ts'
import { type Labels, labelsKey } from '../lib/labels.ts'
import { type Sample, cleanText } from '../lib/line-protocol.ts'
import type { Logger } from '../lib/log.ts'
import { STALE, type StaleSample } from '../lib/remote-write.ts'
import type { VictoriaMetrics } from '../lib/victoriametrics.ts'
import { offsetOf } from './plan.ts'
import type { Share, Taken } from './share/share.ts'
import { SNMP_TEXT_NAMES } from './snmp/modules/index.ts'

const EVERY_SECONDS = 300
/** Then the start goes on without what was written before it. */
const READ_BEFORE_MS = 5_000

/** Writes `device_info`: what may change about a device, as labels of one series, every 5 minutes and on change. */
export type DeviceInfo = {
  /** Texts that SNMP told (sysName, sysDescr …): more labels of the same series. */
  learn(device: Device, texts: Readonly<Record<string, string>>): void
  run(signal: AbortSignal): Promise<void>
}

export function createDeviceInfo({
  inventory,
  fleet = inventory,
  onTaken = () => () => {},
  write,
  end,
  success,
  victoriaMetrics,
  clock,
  log,
}: {
  /** Of these it is written. */
  inventory: InventorySource
  /** All devices: one that is in here alone is another collector's, who writes its series on. */
  fleet?: Pick<InventorySource, 'current'>
  /** Calls back with devices that another collector had, before they are in `inventory`. */
  onTaken?: Share['onTaken']
  write: (samples: readonly Sample[]) => void
  /** Ends series that a changed device leaves behind, so that no ghost stays in a join. */
  end: (markers: readonly StaleSample[]) => void
  /** Called after each turn. */
  success: (at: number) => void
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>
  clock: Clock
  log: Logger
}): DeviceInfo {
  const learned = new Map<string, Readonly<Record<string, string>>>()
  const written = new Map<
    string,
    { device: Device; learned: unknown; labels: Labels; key: string; offset: number }
  >()
  // Series that others wrote, before this start or until now, by device; taken over or ended at the next tick.
  let before = new Map<string, Labels[]>()
  /** Devices whose texts only the last one who wrote them knows: not written before those are read. */
  const unread = new Set<string>()

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
      if (unread.has(device.id)) continue
      const texts = learned.get(device.id)
      let entry = written.get(device.id)
      const changed = entry === undefined || entry.device !== device || entry.learned !== texts
      if (changed) {
        const labels = infoLabels(device, texts)
        const key = labelsKey(labels)
        if (entry !== undefined && entry.key !== key) ended.push(endOf(entry.labels, at))
        for (const old of before.get(device.id) ?? []) {
          if (ownKey(old) !== key) ended.push(endOf(old, at))
        }
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
      if (!fleet.current.has(id)) ended.push(endOf(entry.labels, at))
      written.delete(id)
      learned.delete(id)
    }
    // Those of other devices are another collector's.
    if (unread.size === 0) before.clear()
    last = second
    if (ended.length > 0) end(ended)
    if (samples.length > 0) write(samples)
  }

  /** Devices keep the texts that SNMP told before this start: the next poll may be long after it. */
  async function readBefore(signal: AbortSignal): Promise<void> {
    const rows = await victoriaMetrics.query('default_rollup(device_info[10m])', {
      at: clock.now(),
      timeoutMs: READ_BEFORE_MS,
      signal,
    })
    before = Map.groupBy(
      rows.map(({ labels }) => labels),
      (labels) => labels['device'] ?? '',
    )
    for (const [id, series] of before) {
      const texts = series.map(textsOf).find((some) => Object.keys(some).length > 0)
      const device = inventory.current.get(id)
      if (texts !== undefined && device?.snmp && !learned.has(id)) learned.set(id, texts)
    }
  }

  async function readOrTell(signal: AbortSignal): Promise<void> {
    await readBefore(signal).catch((error: Error) => {
      if (!signal.aborted) log.debug({ reason: error.message }, 'device_info of before not read')
    })
  }

  async function takeOver(taken: readonly Taken[], signal: AbortSignal): Promise<void> {
    const ids = taken.filter(({ device }) => device.snmp !== null).map(({ device }) => device.id)
    if (ids.length === 0) return
    for (const id of ids) unread.add(id)
    await readOrTell(signal)
    for (const id of ids) unread.delete(id)
  }

  return {
    learn(device, given) {
      // As lines have them, so that the end of a series names the same one.
      const texts = Object.fromEntries(
        Object.entries(given).map(([name, text]) => [name, cleanText(text)]),
      )
      const known = learned.get(device.id)
      if (known === undefined || labelsKey(known) !== labelsKey(texts))
        learned.set(device.id, texts)
    },
    async run(signal) {
      using _ = { [Symbol.dispose]: onTaken((taken) => void takeOver(taken, signal)) }
      await readOrTell(signal)
      while (!signal.aborted) {
        const at = Math.floor(clock.now() / 1000) * 1000
        tick(at)
        success(at)
        await clock.sleepUntil(at + 1000, signal).catch(() => {})
      }
    },
  }
}

const OWN_NAMES = [
  'device',
  'branch',
  'region',
  'name',
  'address',
  'type',
  'role',
  'vendor',
  'model',
].concat(SNMP_TEXT_NAMES)

function infoLabels(device: Device, texts: Readonly<Record<string, string>> = {}): Labels {
  const { name, address, type, role, vendor, model } = device
  return { ...texts, ...identityLabels(device), name, address, type, role, vendor, model }
}

const textsOf = (labels: Labels): Labels => pick(labels, SNMP_TEXT_NAMES)

/** Of the labels that are written here: a proxy on the way may have added its own. */
const ownKey = (labels: Labels): string => labelsKey(pick(labels, OWN_NAMES))

const pick = (labels: Labels, names: readonly string[]): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)))

const endOf = (labels: Labels, at: number): StaleSample => ({
  labels: { ...labels, __name__: 'device_info' },
  value: STALE,
  at,
})
