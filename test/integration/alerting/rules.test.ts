import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Device, identityLabels } from '../../../lib/inventory.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { device } from '../../fakes/inventory.ts'
import { type PingFact, START, type Simulation, simulate } from './simulation.ts'

const SECOND = 1_000
const MINUTE = 60_000
const END = 12 * MINUTE

/** What a probe `at` ms after the start finds; `null` when nothing answered. */
type Behaviour = (at: number) => { rttSeconds?: number; received?: number } | null
/** Whether an SNMP poll `at` ms after the start is answered. */
type Agent = (at: number) => boolean

type Case = {
  readonly ping?: Behaviour
  readonly snmp?: Agent
  /** Its sysUpTime, in hundredths of a second. */
  readonly upTime?: (at: number) => number
  readonly role?: string
}

const fine: Behaviour = () => ({})
const slow =
  (rttSeconds: number): Behaviour =>
  () => ({ rttSeconds })
/** Loses one echo of a probe every so many probes. */
const lossy =
  (every: number): Behaviour =>
  (at) => ({
    received: Math.floor(at / (10 * SECOND)) % every === 0 ? 1 : 2,
  })
/** Down from each first to each second minute. */
const downIn =
  (...minutes: readonly (readonly [number, number])[]): Behaviour =>
  (at) =>
    minutes.some(([from, to]) => at >= from * MINUTE && at < to * MINUTE) ? null : {}

const isp = (given: Case): Case => ({ ...given, role: 'isp' })

const CASES: Readonly<Record<string, Case>> = {
  fine: {},
  'rtt 200 ms': { ping: slow(0.2) },
  'rtt 201 ms': { ping: slow(0.201) },
  'isp rtt 100 ms': isp({ ping: slow(0.1) }),
  'isp rtt 101 ms': isp({ ping: slow(0.101) }),
  'rtt 150 ms': { ping: slow(0.15) },
  'rtt 900 ms for one probe': { ping: (at) => ({ rttSeconds: at === 5 * MINUTE ? 0.9 : 0.01 }) },
  'rtt 900 ms, then down': { ping: (at) => (at < 8 * MINUTE ? { rttSeconds: 0.9 } : null) },
  'loses 10 %': { ping: lossy(5) },
  'loses 15 %': { ping: lossy(3) },
  'isp loses 5 %': isp({ ping: lossy(10) }),
  'isp loses 10 %': isp({ ping: lossy(5) }),
  'down for a minute': { ping: downIn([6, 7]) },
  'down to the end': { ping: downIn([6, 60]) },
  '2 changes in 5 minutes': { ping: downIn([3, 4]) },
  '3 changes in 5 minutes': { ping: downIn([3, 4], [5, 60]) },
  'isp 1 change': isp({ ping: downIn([3, 60]) }),
  'isp 2 changes in 5 minutes': isp({ ping: downIn([3, 4]) }),
  'flapped, then still': { ping: downIn([1, 1.5], [2, 2.5]) },
  'snmp answers': { snmp: () => true },
  'snmp stands still': { snmp: () => true, upTime: () => 4_200 },
  'snmp stands still for 4 minutes': {
    snmp: () => true,
    upTime: (at) => Math.max(at, 4 * MINUTE) / 10,
  },
  'snmp answers from what it read 3 minutes ago': {
    snmp: () => true,
    upTime: (at) => Math.floor(at / (3 * MINUTE)) * 100,
  },
  'snmp fails 2 times': { snmp: (at) => at < 5 * MINUTE || at >= 7 * MINUTE },
  'snmp fails 3 times': { snmp: (at) => at < 5 * MINUTE || at >= 8 * MINUTE },
  'snmp fails from the start': { snmp: () => false },
  'snmp failed in an outage': {
    ping: downIn([3, 7]),
    snmp: (at) => at < 3 * MINUTE || at >= 8 * MINUTE,
  },
  'snmp fails, device down': { ping: downIn([4.5, 60]), snmp: (at) => at < 5 * MINUTE },
}

const polled = {
  modules: ['system'],
  credentials: ['public'],
  port: 161,
  intervalMs: MINUTE,
  timeoutMs: 10 * SECOND,
}
const devices = Object.entries(CASES).map(([id, { role = '', snmp }]) =>
  device(id, { role, snmp: snmp === undefined ? null : polled }),
)

function facts(each: Device, from: number, to: number): PingFact[] {
  const behave = CASES[each.id]?.ping ?? fine
  const found: PingFact[] = []
  let lastUp = true
  for (let at = from; at < to; at += SECOND) {
    // A failed probe is followed by others, a second apart.
    if (at % (10 * SECOND) !== 0 && lastUp) continue
    const answer = behave(at)
    lastUp = answer !== null || at % (10 * SECOND) >= 3 * SECOND
    found.push({ device: each, at: START + at, up: answer !== null, ...answer })
  }
  return found
}

const information = (each: Device, at: number): Sample => ({
  measurement: 'device',
  labels: { ...identityLabels(each), role: each.role, name: each.name },
  fields: { info: 1 },
  at: START + at,
})

function polls(each: Device, from: number, to: number): Sample[] {
  const agent = CASES[each.id]?.snmp
  if (agent === undefined || from % MINUTE !== 0 || to <= from) return []
  let failures = 0
  while (from - failures * MINUTE >= 0 && !agent(from - failures * MINUTE)) failures++
  const fields = { up: Number(agent(from)), failures }
  const labels = identityLabels(each)
  const upTime = CASES[each.id]?.upTime ?? ((at: number) => at / 10)
  const answer = { measurement: '', labels, fields: { sysUpTime: upTime(from) }, at: START + from }
  return [
    { measurement: 'snmp', labels, fields, at: START + from },
    ...(agent(from) ? [answer] : []),
  ]
}

const storedRatio = (at: number): Sample[] =>
  [0.9991, 0.998].map((samples_stored_ratio) => ({
    measurement: 'wardline',
    labels: { instance: `collector ${samples_stored_ratio}`, vantage: 'v' },
    fields: { samples_stored_ratio },
    at: START + at,
  }))

const WATCHED_LOOPS = ['ping', 'snmp', 'traps', 'blindness', 'device_info']
/** They stand still as long as Redis or VictoriaMetrics is away, which is told by itself. */
const WAITING_LOOPS = ['membership', 'writer']
const standsStill = (loop: string): string => `collector whose ${loop} stands still`

/** Collectors, of which two are gone since the fifth minute: one that said so, and one that didn't; and loops that stand still from then on. */
const collectors = (at: number): Sample[] => {
  const isAfter = at >= 5 * MINUTE
  const own = (name: string, fields: Record<string, number>, more = {}): Sample => ({
    measurement: 'wardline',
    labels: {
      ...(fields['collector_info'] === undefined ? { instance: name } : { vantage: name }),
      ...more,
    },
    fields,
    at: START + at,
  })
  const says = (name: string, stopped = ''): Sample[] => [
    own(name, { share_devices: 30 }),
    own(name, { collector_info: 1 }),
    ...[...WATCHED_LOOPS, ...WAITING_LOOPS].map((loop) => {
      const turnedAt = START + (loop === stopped && isAfter ? 5 * MINUTE : at)
      return own(name, { loop_last_success_timestamp_seconds: turnedAt / 1000 }, { loop })
    }),
  ]
  // What it says is a moment old; of fifteen, some are gone for 29 s when the rules are evaluated.
  const ends = (second: number): Sample => ({
    ...own(
      `collector that is gone since second ${second}`,
      { loop_last_success_timestamp_seconds: (START + at) / 1000 + second - 1.5 },
      { loop: 'ping' },
    ),
    at: START + at + second * SECOND,
  })
  return [
    ...(isAfter ? [] : Array.from({ length: 15 }, (_, second) => ends(second))),
    ...says('collector that is well'),
    ...[...WATCHED_LOOPS, ...WAITING_LOOPS].flatMap((loop) => says(standsStill(loop), loop)),
    ...(isAfter ? [] : [...says('collector that dies'), ...says('collector that ends')]),
    ...(at === 5 * MINUTE ? [own('collector that ends', { collector_info: 0 })] : []),
    // As long as it takes to start anew.
    ...(at > 4 * MINUTE && at < 4 * MINUTE + 30 * SECOND ? [] : says('collector that restarts')),
  ]
}

/** After five minutes one gives samples up because its disk takes none, and one has no Redis; and what is no loss. */
const troubles = (at: number): Sample[] => {
  const isBad = at >= 5 * MINUTE
  const drops = { instance: 'collector that drops' }
  const sample = (labels: Record<string, string>, fields: Record<string, number>): Sample => ({
    measurement: 'wardline',
    labels,
    fields,
    at: START + at,
  })
  return [
    sample(drops, { spool_failing: Number(isBad) }),
    sample({ ...drops, reason: 'overflow' }, { samples_dropped_total: isBad ? 120 : 0 }),
    sample({ instance: 'standby', reason: 'not_leader' }, { samples_dropped_total: at / SECOND }),
    sample({ instance: 'standby' }, { spool_failing: 0 }),
    sample(
      { instance: 'spool 81 % full' },
      { spool_bytes: isBad ? 81 : 0, spool_limit_bytes: 100 },
    ),
    sample(
      { instance: 'spool 80 % full' },
      { spool_bytes: isBad ? 80 : 0, spool_limit_bytes: 100 },
    ),
    sample({ instance: 'api without Redis' }, { redis_up: Number(!isBad) }),
    // As long as it takes to start anew, or to fail over.
    sample({ instance: 'api' }, { redis_up: Number(at !== 5 * MINUTE) }),
  ]
}

describe('twelve minutes of devices that do one thing each', () => {
  let sim: Simulation
  beforeAll(async () => {
    sim = await simulate({ devices })
    for (let at = 0; at < END; at += 10 * SECOND) {
      await sim.ping(devices.flatMap((each) => facts(each, at, at + 10 * SECOND)))
      await sim.write([
        ...(at % (5 * MINUTE) === 0 ? devices.map((each) => information(each, at)) : []),
        ...devices.flatMap((each) => polls(each, at, at + 10 * SECOND)),
        ...storedRatio(at),
        ...troubles(at),
        ...collectors(at),
      ])
      if (at === 0) await sim.start()
      await sim.runUntil(START + at + 10 * SECOND)
    }
  }, 120_000)
  afterAll(() => sim[Symbol.asyncDispose]())

  const subjects = async (expr: string): Promise<string[]> =>
    (await sim.query(expr))
      .map(({ labels }) => labels['device'] ?? labels['instance'] ?? '')
      .toSorted()
  /** Who had this alert at any time. */
  const everFired = (alertname: string) =>
    subjects(`last_over_time(ALERTS{alertname="${alertname}",alertstate="firing"}[1h])`)
  const firesNow = (alertname: string) =>
    subjects(`ALERTS{alertname="${alertname}",alertstate="firing"}`)

  test.each([
    ['HighLatency', ['isp rtt 101 ms', 'rtt 201 ms', 'rtt 900 ms, then down']],
    ['PacketLoss', ['isp loses 10 %', 'loses 15 %']],
    [
      'DeviceFlapping',
      ['3 changes in 5 minutes', 'flapped, then still', 'isp 2 changes in 5 minutes'],
    ],
    ['SnmpFailing', ['snmp fails 3 times', 'snmp fails from the start']],
    ['SamplesMissing', ['collector 0.998']],
    ['SamplesDropped', ['collector that drops']],
    ['SpoolFailing', ['collector that drops']],
    ['SpoolFilling', ['spool 81 % full']],
    ['RedisFailing', ['api without Redis']],
    ['MonitoringLate', []],
    [
      'DeviceDown',
      [
        '2 changes in 5 minutes',
        '3 changes in 5 minutes',
        'down for a minute',
        'down to the end',
        'flapped, then still',
        'isp 1 change',
        'isp 2 changes in 5 minutes',
        'rtt 900 ms, then down',
        'snmp failed in an outage',
        'snmp fails, device down',
      ],
    ],
  ])(
    '%s fires for those that are past its threshold, and for no other',
    async (alertname, expected) => {
      expect(await everFired(alertname)).toEqual(expected.toSorted())
    },
  )

  test('SnmpFrozen fires for what should vary and does not, sysUpTime, and for no agent that is late or gone (D5)', async () => {
    expect(await everFired('SnmpFrozen')).toEqual(['snmp stands still'])
  })

  test.each([
    ['CollectorLost', 'of a collector that is gone', ['collector that dies']],
    ['LoopStopped', 'of each loop that stands still', WATCHED_LOOPS.map(standsStill)],
  ])('%s tells %s, and of no other (D1)', async (alertname, _, collectors) => {
    expect(await everFired(alertname)).toEqual(collectors.toSorted())
  })

  test.each([
    ['HighLatency ends with an outage', 'HighLatency', 'rtt 900 ms, then down'],
    ['SnmpFailing ends with an answer', 'SnmpFailing', 'snmp fails 3 times'],
    ['DeviceDown ends with an answer', 'DeviceDown', 'down for a minute'],
  ])('%s', async (_, alertname, subject) => {
    expect(await firesNow(alertname)).not.toContain(subject)
  })

  test.each([
    // Changes at 1, 1.5, 2 and 2.5 minutes: the second one is five minutes old at 6.5, and two are too few.
    ['until its changes are few', 'flapped, then still', 6.5],
    ['until it is down for 2.5 minutes', '3 changes in 5 minutes', 7.5],
  ])('DeviceFlapping lasts %s', async (_, subject, minutes) => {
    expect(await firesNow('DeviceFlapping')).toEqual([])
    const [end] = await sim.query(
      `tlast_over_time(ALERTS{alertname="DeviceFlapping",alertstate="firing",device="${subject}"}[1h])`,
    )
    const ended = ((end?.value ?? 0) * 1000 - START) / MINUTE
    // Series that don't change are written every 15 s.
    expect(ended).toBeGreaterThan(minutes - 0.4)
    expect(ended).toBeLessThan(minutes + 0.2)
  })

  test('an alert carries the labels that find its device, and the severity', async () => {
    const [alert] = await sim.query('ALERTS{alertname="PacketLoss",device="loses 15 %"}')
    expect(alert?.labels).toEqual({
      __name__: 'ALERTS',
      alertname: 'PacketLoss',
      alertgroup: 'quality',
      alertstate: 'firing',
      severity: 'warning',
      device: 'loses 15 %',
      branch: 'Vake',
      region: 'Tbilisi',
    })
  })
})
