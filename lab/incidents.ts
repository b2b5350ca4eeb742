import type { Random } from './random.ts'
import type { Cast, ScriptEvent } from './script.ts'

/** One kind of trouble: how much of it there is at a time, whom it befalls and what happens then. */
export type Incident = {
  /** How long one lasts on average. With `concurrent` this says how often one begins. */
  readonly meanMs: number
  /** How many are under way at a time, on average, in a fleet of this size. */
  concurrent(cast: Cast): number
  victims(cast: Cast): readonly string[]
  /** From its beginning at 0 to its end, in order. */
  course(victim: string, cast: Cast, random: Random): ScriptEvent[]
}

const SECOND = 1_000
const MINUTE = 60_000

/** Of a log-uniform duration. */
const mean = (min: number, max: number): number => (max - min) / Math.log(max / min)

const outage: Incident = {
  meanMs: mean(20 * SECOND, 20 * MINUTE),
  concurrent: ({ size }) => Math.max(0.8, size * 0.011),
  victims: ({ alone }) => alone,
  course: (victim, _cast, random) =>
    between('down', 'up', [victim], random.spread(20 * SECOND, 20 * MINUTE), 'power cut'),
}

/** Gone for longer than anybody watches a demo. */
const longOutage: Incident = {
  meanMs: 100 * 60 * MINUTE,
  concurrent: ({ size }) => size * 0.004,
  victims: ({ alone }) => alone,
  course: (victim, _cast, random) =>
    between('down', 'up', [victim], random.spread(60, 180) * 60 * MINUTE, 'forgotten'),
}

const branchOutage: Incident = {
  meanMs: mean(40 * SECOND, 8 * MINUTE),
  concurrent: ({ behind }) => Math.max(0.3, behind.size * 0.014),
  victims: ({ behind }) => [...behind.keys()],
  course: (victim, { behind }, random) =>
    between(
      'down',
      'up',
      [victim, ...(behind.get(victim) ?? [])],
      random.spread(40 * SECOND, 8 * MINUTE),
      'branch outage',
    ),
}

const flapping: Incident = {
  meanMs: 10 * 20 * SECOND,
  concurrent: ({ size }) => Math.max(0.3, size * 0.002),
  victims: ({ alone }) => alone,
  course(victim, _cast, random) {
    const events: ScriptEvent[] = []
    let atMs = 0
    for (let turns = random.integer(3, 7); turns > 0; turns--) {
      const shared = { devices: [victim], cause: 'flapping' }
      events.push({ ...shared, atMs, action: 'down' })
      atMs += random.integer(15, 25) * SECOND
      events.push({ ...shared, atMs, action: 'up' })
      atMs += random.integer(15, 25) * SECOND
    }
    return events
  },
}

const loss: Incident = {
  meanMs: mean(2 * MINUTE, 10 * MINUTE),
  concurrent: ({ size }) => Math.max(0.5, size * 0.004),
  victims: ({ alone }) => alone,
  course(victim, _cast, random) {
    const shared = { action: 'lossy', devices: [victim], cause: 'bad line' } as const
    const lasts = random.spread(2 * MINUTE, 10 * MINUTE)
    return [
      { ...shared, atMs: 0, percent: random.pick([10, 20, 30, 40]) },
      { ...shared, atMs: lasts, percent: 0 },
    ]
  },
}

const reboot: Incident = {
  meanMs: 75 * SECOND,
  concurrent: ({ size }) => size * 0.0006,
  victims: ({ withSnmp }) => withSnmp,
  course(victim, _cast, random) {
    const [down, up] = between(
      'down',
      'up',
      [victim],
      random.integer(60, 90) * SECOND,
      'reboot',
    ) as [ScriptEvent, ScriptEvent]
    return [down, { ...up, action: 'rebooted' }, up]
  },
}

const silence: Incident = {
  meanMs: mean(2 * MINUTE, 15 * MINUTE),
  concurrent: ({ withSnmp }) =>
    withSnmp.length === 0 ? 0 : Math.max(0.5, withSnmp.length * 0.006),
  victims: ({ withSnmp }) => withSnmp,
  course: (victim, _cast, random) =>
    between(
      'silent',
      'speaking',
      [victim],
      random.spread(2 * MINUTE, 15 * MINUTE),
      'SNMP agent hangs',
    ),
}

export const INCIDENTS: readonly Incident[] = [
  outage,
  longOutage,
  branchOutage,
  flapping,
  loss,
  reboot,
  silence,
]

/** What is left where the network can't be touched: agents fall silent, more of them. */
export const SNMP_INCIDENTS: readonly Incident[] = [
  { ...silence, concurrent: (cast) => 4 * silence.concurrent(cast) },
]

function between(
  begins: ScriptEvent['action'],
  ends: ScriptEvent['action'],
  devices: readonly string[],
  lasts: number,
  cause: string,
): ScriptEvent[] {
  return [
    { atMs: 0, action: begins, devices, cause },
    { atMs: lasts, action: ends, devices, cause },
  ]
}
