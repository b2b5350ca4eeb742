import { setTimeout as delay } from 'node:timers/promises'
import { clearOfSlots } from '../../lab/expectation.ts'
import type { FleetDevice } from '../../lab/fleet.ts'
import { createPerformer } from '../../lab/play.ts'
import type { ScriptEvent } from '../../lab/script.ts'
import { type Outage, type TruthEntry, outagesOf } from '../../lab/truth.ts'
import { systemClock } from '../../lib/clock.ts'
import { waitFor } from '../wait.ts'
import { type Samples, readSamples } from '../../lab/oracle.ts'
import type { Record } from '../../lab/recorder.ts'
import { type Observer, type Snapshot, observe, readDevices, takeSnapshot } from './snapshot.ts'
import { type Plot, writePlot } from './story-plot.ts'
import { INTERVAL_MS, type World } from './story-stage.ts'

/** What happened, and what everybody said of it. */
export type Tale = {
  readonly devices: readonly FleetDevice[]
  readonly plot: Plot
  readonly entries: readonly TruthEntry[]
  readonly outages: readonly Outage[]
  readonly samples: Samples
  /** What the receiver had heard when the first states were told, and at the end. */
  readonly firstRecords: readonly Record[]
  readonly records: readonly Record[]
  readonly end: Snapshot
  readonly observer: Observer
  /** Probes that the collectors skipped because a slot was overrun. */
  readonly missedProbes: number
  /** From the stop of the first collector to the first slot of the second. */
  readonly withoutCollector: { readonly from: number; readonly to: number }
  /** What was waited for in vain: the tests that follow say what is wrong. */
  readonly inVain: readonly string[]
}

const PATIENCE = { timeoutMs: 60_000, intervalMs: 250 }

export async function tellStory(world: World): Promise<Tale> {
  const { fleet, lab, truth, recorder, services, stores } = world
  const plot = writePlot(fleet)
  const { signal } = new AbortController()
  const inVain: string[] = []
  const perform = createPerformer(lab)
  const firing = () =>
    recorder.records.filter(({ alerts }) => alerts[0]?.status === 'firing').length

  await perform({ atMs: 0, action: 'down', devices: plot.alreadyDown, cause: 'before the start' })
  for (const service of Object.values(services)) service.start()
  const told = plot.alreadyDown.length - plot.goneBranch.behind.length
  await hope(`notifications of the ${told} outages that were there before the start`, () => {
    return firing() >= told
  })
  await hope('a known status of every device', async () => {
    const devices = await readDevices(world.apiUrl)
    return devices.length > 0 && devices.every(({ status }) => status !== 'unknown')
  })
  const firstRecords = [...recorder.records]
  await using observer = observe(world.apiUrl)

  await Promise.all([
    play(plot.parts[0]),
    after(9, async () => {
      await services.alerting.stop()
      await delay(2_000) // outages begin and end while nobody decides
      services.alerting.start()
    }),
    after(33, () => world.endStore('victoriaMetrics', 'SIGTERM')),
  ])
  await sampledSince(Date.now(), 'the first part')

  const missedBefore = await missedProbes(world)
  const from = Date.now()
  await services.collector.stop()
  const restartedAt = Date.now()
  services.collector.start()
  await sampledSince(restartedAt, 'the restart of the collector')

  await Promise.all([
    play(plot.parts[1]),
    after(8, () => world.endStore('victoriaMetrics', 'SIGKILL')),
    after(16, async () => {
      await services.api.stop()
      services.api.start()
    }),
    after(22, () => world.endStore('redis', 'SIGTERM')),
  ])
  const outages = truth.outages()
  const open = new Set(outages.filter(({ up }) => up === null).map(({ device }) => device))
  await hope('statuses that say what is really down', async () => {
    const devices = await readDevices(world.apiUrl)
    return devices.every(({ id, status }) =>
      open.has(id) ? status === 'down' || status === 'unreachable' : status === 'up',
    )
  })
  await hope('a notification of each outage and of its end', () => {
    const hidden = new Set([...plot.goneBranch.behind, ...plot.cutBranch.behind])
    hidden.delete(plot.cutBranch.straggler)
    // The first outage of the one that flaps is told as such, before anybody can know that it will.
    const flaps = outages.filter(({ device }) => device === plot.flapping).slice(1)
    const tellable = outages.filter((one) => !hidden.has(one.device) && !flaps.includes(one))
    const ended = tellable.filter(({ up }) => up !== null)
    return countAlerts(recorder.records, 'DeviceDown') >= tellable.length + ended.length
  })
  // Whatever is told too much comes with the next samples, so two more of each device are awaited.
  for (const turn of ['one', 'another']) await sampledSince(Date.now(), `the end, ${turn}`)

  return {
    devices: fleet.devices,
    plot,
    entries: truth.entries(),
    outages: outagesOf(truth.entries()),
    firstRecords,
    end: await takeSnapshot(world),
    samples: await readSamples(stores.vmUrl),
    records: [...recorder.records],
    observer,
    missedProbes: missedBefore + (await missedProbes(world)),
    withoutCollector: { from, to: Math.ceil(restartedAt / 1000) * 1000 },
    inVain,
  }

  /** Starts far from every slot, so that each change is sure to come after one probe and before the next. */
  async function play(events: readonly ScriptEvent[]): Promise<void> {
    const startAt = clearOfSlots(Date.now())
    for (const event of events) {
      await systemClock.sleepUntil(startAt + event.atMs, signal)
      await perform(event)
    }
  }

  async function hope(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
    await waitFor(check, { ...PATIENCE, what }).catch((error: Error) => inVain.push(error.message))
  }

  async function sampledSince(at: number, when: string): Promise<void> {
    await hope(`a sample of every device after ${when}`, async () => {
      await stores.victoriaMetrics.flush()
      const newest = await stores.victoriaMetrics.query(
        `tlast_over_time(ping_up{device!="wardline-canary"}[${4 * INTERVAL_MS}ms]) * 1000 >= ${at}`,
      )
      return newest.length === fleet.devices.length
    })
  }
}

async function after(seconds: number, act: () => Promise<void>): Promise<void> {
  await delay(seconds * 1000)
  await act()
}

const countAlerts = (records: readonly Record[], alertname: string): number =>
  records.flatMap(({ alerts }) => alerts).filter(({ labels }) => labels['alertname'] === alertname)
    .length

async function missedProbes({ collectorUrl }: World): Promise<number> {
  const metrics = await (await fetch(`${collectorUrl}/metrics`)).text()
  return Number(/^wardline_slots_missed_total\{kind="ping"\} (\S+)/m.exec(metrics)?.[1] ?? 0)
}
