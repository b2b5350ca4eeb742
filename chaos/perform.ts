import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { systemClock } from '../lib/clock.ts'
import { clearOfSlots } from '../lab/expectation.ts'
import { type FleetDevice, createFleet } from '../lab/fleet.ts'
import type { Network } from '../lab/network.ts'
import { iso, readSamples } from '../lab/oracle.ts'
import { playScript } from '../lab/play.ts'
import { type Manner, type Recorder, heardOf, recordNotifications } from '../lab/recorder.ts'
import { openTruth } from '../lab/truth.ts'
import { openBlindfold } from './actors/blindfold.ts'
import { openPartition } from './actors/partition.ts'
import { playFault } from './actors/faults.ts'
import { openStage } from './actors/stage.ts'
import { openTogether } from './actors/together.ts'
import { readWitness } from './actors/witness.ts'
import { type Cluster, STORES, alertingNames, collectorNames, describeFault } from './fault.ts'
import type { Death, DoneFault, History } from './judge/history.ts'
import { observe, readDevices, readMissed } from './observe.ts'
import type { ChaosOptions } from './options.ts'
import { writeScript } from './script.ts'

export const INTERVAL_MS = 5_000
/** An address of the lab's that is no device. */
const CANARY = '198.19.255.254'
/** The script takes what starting and settling leave of the minutes. */
const SETTLING_MS = 45_000
const PATIENCE_MS = 90_000

/** Starts everything, plays the script of the seed, waits until all is quiet, and gives what was done and seen. */
export async function perform(
  options: ChaosOptions,
  network: Network,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<History> {
  const { seed, minutes, collectors, alertings, together, keep } = options
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-chaos-'))
  if (keep) say(`logs and the truth are kept in ${folder}`)
  else stack.defer(() => rm(folder, { recursive: true, force: true }))
  const devices = fleetOf(options.devices, seed)
  const script = writeScript({
    seed,
    devices,
    collectors,
    alertings,
    together,
    lengthMs: minutes * 60_000 - SETTLING_MS,
  })
  let manner: Manner = 'takes'
  const recorder = stack.use(await recordNotifications(() => manner))
  const deaths: Death[] = []
  const cluster = { collectors, alertings }
  const services = together ? 'wardline up' : `${collectors} × collector, ${alertings} × alerting`
  say(`${devices.length} devices, ${services}: starting`)
  const open = together ? openTogether : openStage
  const stage = stack.use(
    await open({
      ...cluster,
      folder,
      devices,
      intervalMs: INTERVAL_MS,
      receiverUrl: recorder.url,
      canary: CANARY,
      smallDisks: true,
      witness: true,
      onDeath(component, words) {
        deaths.push({ component, at: Date.now(), words })
        say(`${component} ended by itself`)
      },
    }),
  )
  const blindfold = await openBlindfold()
  const partition = await openPartition()
  const truth = openTruth(join(folder, 'truth.jsonl'))
  const inVain: string[] = []
  await hope('a known status of every device at the start', isAllUp)
  const observer = stack.use(observe(stage.apiUrl, stage.components.values(), INTERVAL_MS))

  const startAt = clearOfSlots(Date.now())
  const sleepUntil = (ms: number) => systemClock.sleepUntil(startAt + ms, signal)
  const actors = { stage, blindfold, partition, setManner: (next: Manner) => void (manner = next) }
  const faults: DoneFault[] = []
  say(`the script of seed ${seed}: ${script.faults.length} faults in ${script.lengthMs / 1000} s`)
  await Promise.all([
    playScript(
      script.network,
      { devices, network, truth },
      {
        startAt,
        clock: systemClock,
        onEvent: ({ action, devices: ids, percent, cause }) =>
          say(
            `    ${action}${percent === undefined ? '' : ` ${percent} %`}: ${ids.length > 2 ? `${ids[0]} and ${ids.length - 1} behind it` : ids.join(', ')} (${cause})`,
          ),
      },
      signal,
    ),
    ...script.faults.map(async (fault) => {
      await sleepUntil(fault.atMs)
      say(describeFault(fault))
      faults.push(await playFault(fault, actors, sleepUntil))
      say(`    over: ${describeFault(fault)}`)
    }),
  ])
  await network.clear()
  say('the script is over: waiting until all is quiet')
  await hope('every device up', isAllUp)
  await hope('an end of every alert that was told', () => isAllResolved(recorder))
  await hope('every sample stored', async () => (await waitingBytes(stage.urlOf, cluster)) === 0)
  // What is told too much comes with the next samples.
  await delay(3 * INTERVAL_MS, undefined, { signal })
  const endAt = Date.now() - 2 * INTERVAL_MS
  return {
    ...cluster,
    devices,
    intervalMs: INTERVAL_MS,
    startAt,
    endAt,
    truth: truth.entries(),
    faults: faults.flatMap((done) => hitBy(done, cluster)).sort((a, b) => a.from - b.from),
    samples: await readSamples(stage.vmUrl),
    probes: (
      await Promise.all(collectorNames(cluster).map((name) => readWitness(folder, name)))
    ).flat(),
    records: [...recorder.records],
    looks: observer.looks,
    missed: await readMissed(stage.vmUrl, startAt),
    memory: observer.memory,
    deaths,
    inVain,
  }

  async function isAllUp(): Promise<boolean> {
    const known = await readDevices(stage.apiUrl)
    return (
      known?.devices.length === devices.length &&
      known.devices.every(({ status }) => status === 'up')
    )
  }

  async function hope(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
    const until = performance.now() + PATIENCE_MS
    while (performance.now() < until) {
      if (await Promise.resolve(check()).catch(() => false)) return
      await delay(500, undefined, { signal })
    }
    inVain.push(`waited ${PATIENCE_MS / 1000} s in vain for ${what} (until ${iso(Date.now())})`)
  }
}

/** What a fault of `wardline up` is to its services. */
function hitBy(done: DoneFault, cluster: Cluster): DoneFault[] {
  const { fault } = done
  if (fault.target !== 'wardline' && fault.target !== 'all') return [done]
  const services = [...collectorNames(cluster), ...alertingNames(cluster), 'api']
  const targets = fault.target === 'all' ? [...services, ...STORES] : services
  return targets.map((target) => ({ ...done, fault: { ...fault, target } }))
}

/** Pings alone: what SNMP does is for other tests. */
function fleetOf(count: number, seed: string): FleetDevice[] {
  return createFleet({ devices: count, seed }).devices.map(({ snmp: _snmp, ...device }) => device)
}

function isAllResolved({ records }: Recorder): boolean {
  return [...heardOf(records, 'DeviceDown').values()].every(
    (told) => told.at(-1)?.status === 'resolved',
  )
}

const WAITING = /^wardline_(?:writer_buffer|spool)_bytes (\S+)$/gm

/** What the services hold that isn't stored yet. */
async function waitingBytes(urlOf: (service: string) => string, cluster: Cluster): Promise<number> {
  const services = [...collectorNames(cluster), ...alertingNames(cluster)]
  const all = await Promise.all(
    services.map(async (service) => {
      const metrics = await (await fetch(`${urlOf(service)}/metrics`)).text()
      return [...metrics.matchAll(WAITING)].map(([, value]) => Number(value))
    }),
  )
  return all.flat().reduce((sum, bytes) => sum + bytes, 0)
}
