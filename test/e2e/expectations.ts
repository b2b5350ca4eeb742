import { createPlan } from '../../collector/plan.ts'
import { ECHO_PERIOD_MS } from '../../collector/ping/fping.ts'
import { expectedDownSince } from '../../lab/expectation.ts'
import { type SampledOutage, describeSamples, iso, outagesIn } from '../../lab/oracle.ts'
import { heardOf } from '../../lab/recorder.ts'
import type { Tale } from './story.ts'
import { isLeaf } from './story-plot.ts'
import { INTERVAL_MS } from './story-stage.ts'

/** What must have been said, and each deviation from it in a line with all that a person needs to judge it. */
export type Expectations = {
  /** By device: the outages that its samples show. */
  readonly outages: ReadonlyMap<string, readonly SampledOutage[]>
  /** Down at the end, and since when; with the devices that are unreachable. */
  readonly down: ReadonlyMap<string, number>
  readonly unreachable: ReadonlySet<string>
  /** The outages that a receiver hears of: not those that lie behind another one. */
  readonly told: ReadonlyMap<string, readonly SampledOutage[]>
  /** Lines about this device: what was done to it, its samples, what the receiver heard. */
  explain(device: string): string
}

export function expectationsOf(tale: Tale): Expectations {
  const { plot, samples, devices, entries, records } = tale
  const outages = new Map(devices.map(({ id }) => [id, outagesIn(samples.get(id) ?? [])]))
  const down = new Map<string, number>()
  for (const [id, list] of outages) {
    const last = list.at(-1)
    if (last?.until === null) down.set(id, last.since)
  }
  const unreachable = new Set(
    devices
      .filter(({ parents = [] }) => parents.length > 0 && parents.every((id) => down.has(id)))
      .map(({ id }) => id)
      .filter((id) => down.has(id)),
  )
  const behind = new Set([...plot.goneBranch.behind, ...plot.cutBranch.behind])
  behind.delete(plot.cutBranch.straggler)
  const told = new Map([...outages].filter(([id, list]) => list.length > 0 && !behind.has(id)))
  // While it flaps, that is what is told of it.
  told.set(plot.flapping, (outages.get(plot.flapping) ?? []).slice(0, 1))
  return {
    outages,
    down,
    unreachable,
    told,
    explain(device) {
      const done = entries
        .filter((entry) => entry.device === device)
        .map(({ at, action }) => `${action} at ${iso(at)}`)
      const heard = heardOf(records, 'DeviceDown').get(device) ?? []
      const heardWords = heard.map(
        ({ status, annotations, receivedAt }) =>
          `${status} since ${annotations['down_since']} at ${iso(receivedAt)}`,
      )
      return [
        device,
        `  done: ${done.join('; ') || 'nothing'}`,
        `  samples: ${describeSamples(samples.get(device))}`,
        `  heard: ${heardWords.join('; ') || 'nothing'}`,
      ].join('\n')
    },
  }
}

/**
 * Where the first failed probe isn't the one that the truth and the collector's plan call for: an outage begins with
 * the first planned probe after the change. A device with others behind it may be asked earlier, never later.
 */
export function deviationsFromTruth(tale: Tale, { outages, explain }: Expectations): string[] {
  const { devices, samples, withoutCollector } = tale
  const { nextSlot } = createPlan(
    devices.map(({ id }) => ({ key: id, intervalMs: INTERVAL_MS, target: id })),
  )
  const leaf = isLeaf(devices)
  const firstSlot = Math.min(...[...samples.values()].map((list) => list[0]?.at ?? Infinity))
  const seen = new Map<string, number>()
  const deviations: string[] = []
  for (const { device, down } of tale.outages) {
    const place = seen.get(device) ?? 0
    seen.set(device, place + 1)
    const since = outages.get(device)?.[place]?.since
    // What was down before the first slot fails in the first slot of its own.
    const expected =
      down.at < firstSlot
        ? { at: nextSlot(device, firstSlot), certain: true, earliest: firstSlot }
        : expectedDownSince(down, device, nextSlot, { sendMs: 2 * ECHO_PERIOD_MS })
    if (expected === null || expected.at === null || !expected.certain) {
      deviations.push(`${device}: the script changed it too close to a probe (${iso(down.at)})`)
      continue
    }
    const earliest = leaf(device) ? expected.at : Math.max(firstSlot, down.askedAt)
    if (since === undefined || since > expected.at || since < earliest)
      deviations.push(
        `outage ${place + 1}: since ${iso(since ?? null)}, expected ${iso(expected.at)} (no collector from ` +
          `${iso(withoutCollector.from)} to ${iso(withoutCollector.to)})\n${explain(device)}`,
      )
  }
  for (const [device, list] of outages) {
    if (list.length !== (seen.get(device) ?? 0) && device !== tale.plot.lossy)
      deviations.push(
        `${list.length} outages, ${seen.get(device) ?? 0} were made\n${explain(device)}`,
      )
  }
  return deviations
}

/** Where the receiver wasn't told each outage once, with its down_since, and its end once. */
export function deviationsInNotifications(tale: Tale, { told, explain }: Expectations): string[] {
  const heard = heardOf(tale.records, 'DeviceDown')
  const deviations: string[] = []
  for (const device of new Set([...told.keys(), ...heard.keys()])) {
    const expected = (told.get(device) ?? []).flatMap(({ since, until }) => [
      `firing since ${iso(since)}`,
      ...(until === null ? [] : [`resolved since ${iso(since)}`]),
    ])
    const got = (heard.get(device) ?? []).map(
      ({ status, annotations }) => `${status} since ${annotations['down_since']}`,
    )
    if (JSON.stringify(got) !== JSON.stringify(expected))
      deviations.push(`expected ${expected.join('; ') || 'nothing'}\n${explain(device)}`)
  }
  return deviations
}

/** Planned probes that have no sample, but for the time without a collector. */
export function missingSamples({ devices, samples, withoutCollector }: Tale): string[] {
  const { nextSlot } = createPlan(
    devices.map(({ id }) => ({ key: id, intervalMs: INTERVAL_MS, target: id })),
  )
  const stamps = [...samples.values()].flat().map(({ at }) => at)
  const [first, last] = [Math.min(...stamps), Math.max(...stamps) - INTERVAL_MS]
  const missing: string[] = []
  for (const { id } of devices) {
    const stored = new Set((samples.get(id) ?? []).map(({ at }) => at))
    for (let at = nextSlot(id, first); at !== null && at <= last; at = nextSlot(id, at + 1)) {
      // A run that the end of the collector broke off left nothing either.
      const away = at > withoutCollector.from - 3_000 && at < withoutCollector.to + 10_000
      if (!away && !stored.has(at)) missing.push(`${id} ${iso(at)}`)
    }
  }
  return missing
}
