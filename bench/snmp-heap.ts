import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, startChild } from '../lab/child.ts'
import { fastAddresses } from '../lab/fast-agents.ts'
import { startV3Agents } from '../lab/v3-agents.ts'
import { type Bound, type Measurement, round } from './measurement.ts'
import type { Credentials } from './snmp/device-poll.ts'
import type { Outcomes, Question, Target } from './snmp/heap-main.ts'
import { type Growth, compareHeaps, readHeap, totalBytes } from './snmp/heap-snapshot.ts'
import type { Question as HostileQuestion } from './snmp/hostile-main.ts'
import { HOSTILE_KINDS } from './snmp/hostile.ts'
import { COMMUNITY, V3_USER } from './snmp/questions.ts'

/** What polls leave behind: the heap after many of them, beside itself after fewer. */
export const snmpHeap: Measurement<{
  readonly polls: number
  /** Polls before the first look: caches are full by then. */
  readonly first: number
  readonly each: number
  readonly lanes: number
  readonly timeout: number
}> = {
  title: 'SNMP heap: what polls with errors of every kind leave behind',
  defaults: { polls: 100_000, first: 20_000, each: 10, lanes: 256, timeout: 400 },
  async run({ polls, first, each, lanes, timeout }, { say }) {
    await using stack = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'wardline-heap-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const targets = targetsOf(each)
    const hostile = await startAgents(stack, targets)
    const poller = stack.use(
      startChild<Question>(
        new URL('./snmp/heap-main.ts', import.meta.url),
        'the process that polls',
        ['--expose-gc'],
      ),
    )
    await poller.ask({ ask: 'open', targets, credentials: CREDENTIALS, timeoutMs: timeout })

    async function pollAndLook(count: number, name: string) {
      say(`${count} polls of ${targets.length} agents`)
      const outcomes = (await poller.ask({ ask: 'poll', polls: count, lanes })) as Outcomes
      const path = join(folder, `${name}.heapsnapshot`)
      say('a snapshot of the heap')
      await poller.ask({ ask: 'snapshot', path })
      return { outcomes, heap: await readHeap(path) }
    }
    const before = await pollAndLook(first, 'before')
    const after = await pollAndLook(polls - first, 'after')
    // Rejects when they have ended: all would have been silent.
    const requests = (await hostile.ask({ ask: 'requests' })) as number
    say(`${requests} requests to the hostile agents`)
    const growth = compareHeaps(before.heap, after.heap)
    const bytes = totalBytes(after.heap) - totalBytes(before.heap)
    return {
      tables: [
        {
          title: `How ${polls - first} polls ended`,
          columns: ['agents', ...REASONS],
          rows: Object.entries(after.outcomes).map(([kind, of]) => [
            kind,
            ...REASONS.map((reason) => of[reason] ?? 0),
          ]),
        },
        {
          title: `The heap after ${first} polls and after ${polls}: what there is more of`,
          columns: ['class', 'objects', 'bytes'],
          rows: growth.slice(0, 12).map(({ name, count, bytes }) => [name, count, bytes]),
        },
      ],
      bounds: boundsOf({ growth, bytes, polls: polls - first, outcomes: after.outcomes }),
    }
  },
}

const REASONS = [
  'up',
  'timeout',
  'send',
  'auth',
  'too-big',
  'no-such-name',
  'agent',
  'protocol',
] as const

const CREDENTIALS: Credentials = {
  community: { version: '2c', community: COMMUNITY },
  'another community': { version: '2c', community: 'guess' },
  v1: { version: '1', community: COMMUNITY },
  v3: V3_USER,
  'another user': { ...V3_USER, user: 'somebody' },
  'another auth_password': { ...V3_USER, auth_password: 'another one' },
  'another priv_password': { ...V3_USER, priv_password: 'another one' },
}

/** `each` agents of every kind; those of v3 stand apart by the credential that they are polled with. */
function targetsOf(each: number): readonly Target[] {
  const kinds = [
    ...HOSTILE_KINDS.map((kind) => ({ kind, credential: 'community' })),
    { kind: 'honest', credential: 'v1' },
    { kind: 'genErr', credential: 'v1' },
    { kind: 'honest', credential: 'another community' },
    { kind: 'honest', credential: 'v3' },
    ...V3_CREDENTIALS.map((credential) => ({ kind: 'v3', credential })),
  ]
  const addresses = fastAddresses(kinds.length * each)
  const targets = kinds.flatMap(({ kind, credential }, place) =>
    addresses
      .slice(place * each, (place + 1) * each)
      .map((address) => ({ address, kind, credential })),
  )
  const unroutable = Array.from({ length: each }, (_, place) => ({
    address: `203.0.113.${(place % 250) + 1}`,
    kind: 'no route',
    credential: 'community',
  }))
  return [...targets, ...unroutable]
}

const V3_CREDENTIALS = [
  'v3',
  'another user',
  'another auth_password',
  'another priv_password',
] as const

async function startAgents(
  stack: AsyncDisposableStack,
  targets: readonly Target[],
): Promise<Child<HostileQuestion>> {
  const hostile = stack.use(
    startChild<HostileQuestion>(
      new URL('./snmp/hostile-main.ts', import.meta.url),
      'the process of the hostile agents',
    ),
  )
  await hostile.ask({
    ask: 'open',
    agents: targets.flatMap(({ address, kind }) => {
      const known = HOSTILE_KINDS.find((name) => name === kind)
      return known === undefined ? [] : [{ address, kind: known }]
    }),
  })
  const v3 = targets.filter(({ kind }) => kind === 'v3')
  stack.use(
    await startV3Agents({
      addresses: v3.map(({ address }) => address),
      credential: V3_USER,
      interfaces: 4,
    }),
  )
  return hostile
}

/** A class may have an object more in a thousand polls: what happened to be under way isn't the same at both looks. */
function boundsOf({
  growth,
  bytes,
  polls,
  outcomes,
}: {
  growth: readonly Growth[]
  bytes: number
  polls: number
  outcomes: Outcomes
}): Bound[] {
  const most = Math.max(0, ...growth.filter(isOurs).map(({ count }) => count))
  const honest = outcomes['honest, community'] ?? {}
  const honestPolls = sum(Object.values(honest))
  const up = sum(Object.values(outcomes).map((of) => of['up'] ?? 0))
  return [
    {
      what: 'growth of the heap',
      unit: 'MB',
      kind: 'most',
      bound: 1,
      measured: round(bytes / 1e6, 2),
    },
    {
      what: 'objects of one class for each 1000 polls, worst',
      unit: '',
      kind: 'most',
      bound: 1,
      measured: round((most / polls) * 1000, 2),
    },
    // That the agents were what they should be.
    {
      what: 'polls of honest agents that were answered ÷ all',
      unit: '',
      kind: 'least',
      bound: 0.99,
      measured: round((honest['up'] ?? 0) / honestPolls, 3),
    },
    {
      what: 'polls that failed ÷ all',
      unit: '',
      kind: 'least',
      bound: 0.5,
      measured: round(1 - up / polls, 3),
    },
  ]
}

/** What V8 compiles and how it lays out objects changes as long as code runs; it is in the heap's growth. */
const isOurs = ({ name }: Growth): boolean => !/^\((code|hidden|object shape)\)$/.test(name)

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
