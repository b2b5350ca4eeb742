import { type Child, startChild } from '../lab/child.ts'
import { fastAddresses, startFastAgents } from '../lab/fast-agents.ts'
import { startV3Agents } from '../lab/v3-agents.ts'
import { type Bound, type Measurement, type Result, round } from './measurement.ts'
import { startExporter } from './snmp/exporter.ts'
import type { Spent } from './snmp/load.ts'
import type { FirstCycle, Polled, Question as PollQuestion } from './snmp/poller-main.ts'
import { COMMUNITY, type ModuleName, V3_USER } from './snmp/questions.ts'
import type { Exchanged, Question as WireQuestion } from './snmp/wire-main.ts'
import { readUsage } from './usage.ts'

type Load = {
  readonly addresses: readonly string[]
  readonly lanes: number
  readonly seconds: number
  readonly warmupSeconds: number
}
type Row = readonly (string | number)[]
type Lab = { readonly say: (text: string) => void }

/** CPU of a poll, encoding included, beside snmp_exporter's for the same agents, and beside what the wire allows. */
export const snmp: Measurement<{
  readonly agents: number
  readonly ports: number
  readonly engines: number
  readonly lanes: number
  readonly seconds: number
  readonly warmup: number
}> = {
  title: 'SNMP: CPU of a poll, beside snmp_exporter and beside a bare UDP loop; of v3',
  defaults: { agents: 1000, ports: 48, engines: 10_000, lanes: 16, seconds: 15, warmup: 5 },
  async run({ agents, ports, engines, lanes, seconds, warmup }, lab) {
    const load = { lanes, seconds, warmupSeconds: warmup }
    const plain = await measurePlain({ ...load, addresses: fastAddresses(agents) }, ports, lab)
    const v3 = await measureV3({ ...load, addresses: fastAddresses(engines), targets: agents }, lab)
    return {
      tables: [...plain.tables, ...v3.tables],
      bounds: [...plain.bounds, ...v3.bounds],
    }
  },
}

async function measurePlain(load: Load, ports: number, { say }: Lab): Promise<Result> {
  const { addresses, lanes } = load
  say(`${addresses.length} agents with ${ports} ports each`)
  await using agents = await startFastAgents({
    addresses,
    community: COMMUNITY,
    interfaces: ports,
  })
  await using exporter = await startExporter()

  const polls: Row[] = []
  const bounds: Bound[] = []
  const wire: Row[] = []
  for (const { module, what, most } of compared(ports)) {
    say(`${what}: wardline`)
    const ours = await beside(agents.pid, () => pollFor(load, module))
    say(`${what}: snmp_exporter`)
    const theirs = await beside(agents.pid, () => exporter.scrape({ ...load, module }))
    polls.push(
      [what, 'wardline', ...speedOf(ours.polls, ours), round(ours.pdus, 2), round(ours.values)],
      [what, 'snmp_exporter', ...speedOf(theirs.polls, theirs), '', theirs.series],
    )
    if (module === 'scalars') {
      wire.push(['a poll of wardline, as above', ...speedOf(ours.polls, ours), 0])
    }
    const ratio = cpuMicros(ours.polls, ours) / cpuMicros(theirs.polls, theirs)
    bounds.push(
      atMost(`CPU of a poll ÷ snmp_exporter's: ${what}`, '', most, round(ratio, 3)),
      atMost(`polls that failed: ${what}`, '', 0, ours.failed),
    )
  }
  for (const [ask, what] of WIRE) {
    say(what)
    const exchanged = await beside(agents.pid, () => exchangeFor(ask, load))
    wire.push([what, ...speedOf(exchanged.answers, exchanged), exchanged.lost])
  }
  return {
    tables: [
      {
        title: `Polls of ${addresses.length} agents, as fast as they go with ${lanes} at once`,
        columns: ['poll', 'by', 'polls/s', ...SPEED, 'PDUs', 'values'],
        rows: polls,
      },
      {
        title: 'One GET of five scalars: how far from the wire',
        columns: ['by', 'answers/s', ...SPEED, 'lost'],
        rows: wire,
      },
    ],
    bounds,
  }
}

/** The first cycle is of all engines; the load is of as many as in the other measurements. */
async function measureV3(
  { addresses, targets, ...load }: Load & { readonly targets: number },
  { say }: Lab,
): Promise<Result> {
  say(`v3, authPriv (SHA, AES): ${addresses.length} engines, each for the first time`)
  await using agents = await startV3Agents({ addresses, credential: V3_USER, interfaces: 4 })
  await using child = startPoller()
  await child.ask({ ask: 'open', addresses, module: 'scalars', credential: V3_USER })
  const { lanes } = load
  const first = await beside(
    agents.pid,
    async () => (await child.ask({ ask: 'first cycle', lanes })) as FirstCycle,
  )
  say(`v3: GETs of five scalars, of ${targets} engines`)
  const after = await beside(
    agents.pid,
    async () => (await child.ask({ ask: 'load', ...load, targets })) as Polled,
  )
  const row = (what: string, polled: Polled & Beside, heldUpMs: number | string): Row => [
    what,
    ...speedOf(polled.polls, polled),
    round(polled.pdus, 2),
    polled.failed,
    heldUpMs,
  ]
  return {
    tables: [
      {
        title: `SNMPv3 authPriv (SHA, AES): ${addresses.length} engines, one user`,
        columns: ['polls', 'polls/s', ...SPEED, 'PDUs', 'failed', 'held up ms'],
        rows: [
          row('the first of each: discovery, time, keys', first, round(first.heldUpMs)),
          row(`from then on, ${targets} of them`, after, ''),
        ],
      },
    ],
    bounds: [
      {
        what: 'v3 authPriv: GETs for a second of CPU',
        unit: '/s',
        kind: 'least',
        bound: 6000,
        measured: Math.round(after.polls / after.cpuSeconds),
      },
      atMost('v3: polls that failed', '', 0, first.failed + after.failed),
      atMost('v3: what the first cycle held up the loop, worst', 'ms', 50, round(first.heldUpMs)),
    ],
  }
}

const atMost = (what: string, unit: string, bound: number, measured: number): Bound => ({
  what,
  unit,
  kind: 'most',
  bound,
  measured,
})

/** A tenth for scalars and a fifth for tables: bare net-snmp was measured at a fifteenth and a sixth. */
const compared = (ports: number): { module: ModuleName; what: string; most: number }[] => [
  { module: 'scalars', what: '5 scalars', most: 0.1 },
  { module: 'interfaces', what: `${ports} ports, 11 columns`, most: 0.2 },
  { module: 'named', what: `${ports} ports, 11 columns and 3 names`, most: 0.2 },
]

const WIRE = [
  ['bare', 'a bare UDP loop, answers not looked at'],
  ['net-snmp', 'net-snmp, its sessions on one socket'],
] as const

function startPoller(): Child<PollQuestion> {
  const file = new URL('./snmp/poller-main.ts', import.meta.url)
  return startChild<PollQuestion>(file, 'the process that polls')
}

async function pollFor({ addresses, ...load }: Load, module: ModuleName): Promise<Polled> {
  await using child = startPoller()
  const credential = { version: '2c', community: COMMUNITY } as const
  await child.ask({ ask: 'open', addresses, module, credential })
  return (await child.ask({ ask: 'load', ...load })) as Polled
}

async function exchangeFor(ask: WireQuestion['ask'], load: Load): Promise<Exchanged> {
  const file = new URL('./snmp/wire-main.ts', import.meta.url)
  await using child = startChild<WireQuestion>(file, 'the process that exchanges packets')
  return (await child.ask({ ask, ...load })) as Exchanged
}

type Beside = { readonly agentsPercent: number }

/** What the agents took meanwhile: near a whole core they are what limits the rate. */
async function beside<T extends Spent>(
  agentsPid: number,
  run: () => Promise<T>,
): Promise<T & Beside> {
  const startedAt = performance.now()
  const before = await readUsage(agentsPid)
  const result = await run()
  const after = await readUsage(agentsPid)
  const seconds = (performance.now() - startedAt) / 1000
  const agentsPercent = Math.round(((after.cpuSeconds - before.cpuSeconds) / seconds) * 100)
  return { ...result, agentsPercent }
}

const cpuMicros = (count: number, { cpuSeconds }: Spent): number => (cpuSeconds / count) * 1e6

const SPEED = ['CPU µs each', 'CPU % of a core', "agents' CPU %"]

/** How many a second, and what SPEED says. */
function speedOf(count: number, spent: Spent & Beside): number[] {
  return [
    Math.round(count / spent.seconds),
    round(cpuMicros(count, spent)),
    Math.round((spent.cpuSeconds / spent.seconds) * 100),
    spent.agentsPercent,
  ]
}
