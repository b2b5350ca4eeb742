import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startAgents } from '../lab/agents.ts'
import { agentSpecs } from '../lab/fleet-agents.ts'
import { type Fleet, createFleet } from '../lab/fleet.ts'
import { type Record, recordNotifications } from '../lab/recorder.ts'
import { CANARY_DEVICE } from '../lib/canary.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../lib/victoriametrics.ts'
import { type Traffic, watchTraffic } from './frozen/traffic.ts'
import { type Bound, type Measurement, percentile, round } from './measurement.ts'
import { openSite } from './scale/site.ts'
import { readMetric } from './spool/found.ts'
import { readMemory } from './usage.ts'

const COLLECTOR = 'http://127.0.0.1:15002'
const PRELOAD = join(import.meta.dirname, 'frozen/jumping-clock.ts')
/** Watched before a stop, and after it. */
const WATCHED_MS = 60_000
/** Of an hour so much is stood still for: longer than any lease, and than VictoriaMetrics keeps a connection. */
const HOUR_STOPPED_MS = 70_000
/** In the middle of a second: what goes out then is counted to the second that it belongs to. */
const GOES_ON_MS = 500
const SETTLE_MS = 10_000

/** A collector is stopped (SIGSTOP) and goes on: how soon all is as before, and whether it makes up for anything. */
export const frozen: Measurement<{
  readonly devices: number
  readonly agents: number
  readonly interval: number
  readonly stop: number
  readonly hours: number
  readonly warmup: number
}> = {
  title: 'Frozen: a collector stopped for minutes, and for an hour as its clocks see it',
  defaults: { devices: 1_000, agents: 300, interval: 10, stop: 120, hours: 1, warmup: 1.5 },
  async run({ devices, agents, interval, stop, hours, warmup }, { say }) {
    await using stack = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'wardline-frozen-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const fleet = fleetOf(devices, agents)
    stack.use(await startAgents(agentSpecs(fleet)))
    const { url: receiverUrl, records } = stack.use(await recordNotifications())
    const clock = join(folder, 'clock')
    say(`${devices} devices every ${interval} s, ${agents} of them with SNMP: starting`)
    const site = stack.use(
      await openSite({
        devices: fleet,
        collectors: 1,
        intervalSeconds: interval,
        receiverUrl,
        preload: { file: PRELOAD, env: { WARDLINE_BENCH_CLOCK: clock } },
      }),
    )
    const pid = site.collectors[0]?.pid ?? 0
    const goesOn = (): void => void process.kill(pid, 'SIGCONT')
    // However this ends: what is stopped heeds no SIGTERM.
    process.once('exit', goesOn)
    stack.defer(() => void process.off('exit', goesOn))
    const victoriaMetrics = stack.use(connectVictoriaMetrics(site.vmUrl))
    const traffic = stack.use(watchTraffic())
    say(`warming up for ${warmup} min`)
    await delay(warmup * 60_000)
    const stand: Stand = {
      fleet,
      interval,
      pid,
      clock,
      victoriaMetrics,
      traffic,
      records,
      goesOn,
      say,
    }
    const hourMs = hours * 3_600_000
    const found = [
      await freeze({ name: `${stop} s`, stoppedMs: stop * 1_000, leaptMs: 0 }, stand),
      await freeze(
        {
          name: `${hours} h`,
          stoppedMs: HOUR_STOPPED_MS,
          leaptMs: Math.max(0, hourMs - HOUR_STOPPED_MS),
        },
        stand,
      ),
    ]
    return {
      tables: [
        {
          title: `${devices} devices every ${interval} s, ${agents} of them with SNMP`,
          columns: [
            'stopped for',
            'pinged again after s',
            'polled again after s',
            'echoes/s before',
            'after, max',
            'SNMP packets/s before',
            'after, max',
            'pings missed',
            'polls missed',
            'RSS before MB',
            'after',
            'alerts told',
          ],
          rows: found.map((one) => [
            one.name,
            round(one.pingedAfterMs / 1_000),
            round(one.polledAfterMs / 1_000),
            one.echoes.before,
            one.echoes.after,
            one.datagrams.before,
            one.datagrams.after,
            one.pingsMissed,
            one.pollsMissed,
            round(one.rss.before / 1e6),
            round(one.rss.after / 1e6),
            one.told.join(', ') || 'none',
          ]),
        },
      ],
      bounds: found.flatMap((one) => boundsOf(one, interval)),
    }
  },
}

type Stand = {
  readonly fleet: Fleet
  readonly interval: number
  readonly pid: number
  /** The file that the services' clocks follow. */
  readonly clock: string
  readonly victoriaMetrics: VictoriaMetrics
  readonly traffic: Traffic
  readonly records: readonly Record[]
  readonly goesOn: () => void
  readonly say: (text: string) => void
}

type Change = { readonly before: number; readonly after: number }

type Found = {
  readonly name: string
  readonly pingedAfterMs: number
  readonly polledAfterMs: number
  /** A second: the median before the stop, the most after it. */
  readonly echoes: Change
  readonly datagrams: Change
  readonly pingsMissed: number
  readonly pollsMissed: number
  /** Of those, what was due in the stop. */
  readonly pingsDue: number
  readonly pollsDue: number
  readonly rss: Change
  /** Names of alerts. */
  readonly told: readonly string[]
  /** Devices that were told or held to be down: none was. */
  readonly falselyDown: number
}

async function freeze(
  { name, stoppedMs, leaptMs }: { name: string; stoppedMs: number; leaptMs: number },
  stand: Stand,
): Promise<Found> {
  const { fleet, interval, pid, traffic, victoriaMetrics, records, say } = stand
  await delay(WATCHED_MS)
  const recordsBefore = records.length
  const [before, rssBefore] = [await readMissed(), (await readMemory(pid)).rssBytes]
  const stoppedAt = Date.now()
  process.kill(pid, 'SIGSTOP')
  say(`stopped for ${name}${leaptMs === 0 ? '' : ', most of which its clocks leap over'}`)
  const onAt = Math.floor((stoppedAt + stoppedMs) / 1_000) * 1_000 + GOES_ON_MS
  await delay(onAt - Date.now())
  if (leaptMs > 0) await writeFile(stand.clock, String(leaptMs))
  stand.goesOn()
  say('it goes on')
  await delay(WATCHED_MS + SETTLE_MS)
  const [after, rssAfter] = [await readMissed(), (await readMemory(pid)).rssBytes]
  // By the clock of what is stored.
  const at = onAt + leaptMs
  await victoriaMetrics.flush()
  const told = records.slice(recordsBefore).flatMap((record) => (record.taken ? record.alerts : []))
  const turns = (onAt - stoppedAt + leaptMs) / (interval * 1_000)
  const watched = (of: 'echoes' | 'datagrams'): Change => ({
    before: percentile(perSecond(traffic, of, stoppedAt - WATCHED_MS, stoppedAt), 0.5),
    after: percentile(perSecond(traffic, of, onAt - GOES_ON_MS, onAt + WATCHED_MS), 1),
  })
  return {
    name,
    pingedAfterMs: await againAfter('ping_up', fleet.devices.length, at, victoriaMetrics),
    polledAfterMs: await againAfter('snmp_up', withSnmp(fleet), at, victoriaMetrics),
    echoes: watched('echoes'),
    datagrams: watched('datagrams'),
    pingsMissed: after.pings - before.pings,
    pollsMissed: after.polls - before.polls,
    pingsDue: turns * fleet.devices.length,
    pollsDue: turns * withSnmp(fleet),
    rss: { before: rssBefore, after: rssAfter },
    told: [...new Set(told.map(({ labels }) => labels['alertname'] ?? ''))],
    falselyDown:
      told.filter(({ labels }) => (labels['device'] ?? CANARY_DEVICE) !== CANARY_DEVICE).length +
      (await countDown(at, victoriaMetrics)),
  }
}

const readMissed = async (): Promise<{ pings: number; polls: number }> => ({
  pings: await readMetric(COLLECTOR, 'wardline_slots_missed_total', 'ping'),
  polls: await readMetric(COLLECTOR, 'wardline_slots_missed_total', 'snmp'),
})

const perSecond = (
  traffic: Traffic,
  of: 'echoes' | 'datagrams',
  from: number,
  to: number,
): number[] => traffic.between(from, to).map((second) => Math.round(second[of]))

/** From `at` until the last device has a sample of its own time again; Infinity where one has none. */
async function againAfter(
  metric: string,
  devices: number,
  at: number,
  victoriaMetrics: VictoriaMetrics,
): Promise<number> {
  const firsts = new Map<string, number>()
  const range = { start: Math.floor(at / 1_000) * 1_000, end: at + WATCHED_MS + SETTLE_MS }
  await victoriaMetrics.exportSeries(
    `${metric}{device!="${CANARY_DEVICE}"}`,
    range,
    ({ labels, stampAt }) => {
      const device = labels['device'] ?? ''
      firsts.set(device, Math.min(firsts.get(device) ?? Infinity, stampAt(0)))
    },
  )
  return firsts.size < devices ? Infinity : Math.max(0, ...firsts.values()) - at
}

/** Devices that a state says were down, however shortly. */
async function countDown(at: number, victoriaMetrics: VictoriaMetrics): Promise<number> {
  const down = new Set<string>()
  await victoriaMetrics.exportSeries(
    `device_state_up{device!="${CANARY_DEVICE}"}`,
    { start: at - WATCHED_MS - HOUR_STOPPED_MS, end: at + WATCHED_MS + SETTLE_MS },
    ({ labels, runs }) => {
      if (runs().some(({ value }) => value === 0)) down.add(labels['device'] ?? '')
    },
  )
  return down.size
}

function boundsOf(found: Found, interval: number): Bound[] {
  const { name, pingedAfterMs, polledAfterMs, echoes, datagrams } = found
  const most = (what: string, unit: string, bound: number, measured: number): Bound => ({
    what: `${what} (${name})`,
    unit,
    kind: 'most',
    bound,
    measured: round(measured, 2),
  })
  const off = (missed: number, due: number): number => 100 * Math.abs(missed / due - 1)
  return [
    most('until every device is pinged again', 's', interval, pingedAfterMs / 1_000),
    most('until every device is polled again', 's', interval, polledAfterMs / 1_000),
    most('echoes in a second, after ÷ before', '', 2, echoes.after / echoes.before),
    most('SNMP packets in a second, after ÷ before', '', 2, datagrams.after / datagrams.before),
    most('pings missed, off those due meanwhile', '%', 2, off(found.pingsMissed, found.pingsDue)),
    most('polls missed, off those due meanwhile', '%', 2, off(found.pollsMissed, found.pollsDue)),
    most('devices told or held to be down', 'devices', 0, found.falselyDown),
  ]
}

const withSnmp = ({ devices }: Fleet): number =>
  devices.filter(({ snmp }) => snmp !== undefined).length

/** A fleet of the lab, so many of it with SNMP. */
function fleetOf(count: number, agents: number): Fleet {
  const { devices, credentials } = createFleet({ devices: count })
  let left = agents
  return {
    devices: devices.map(({ snmp, ...device }) =>
      snmp !== undefined && left-- > 0 ? { ...device, snmp } : device,
    ),
    credentials,
  }
}
