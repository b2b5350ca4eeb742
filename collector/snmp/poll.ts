import type { Config, CredentialConfig } from '../../lib/config/schema.ts'
import { type Device, type SnmpSettings, identityLabels } from '../../lib/inventory.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { Asking } from './protocol/asking.ts'
import { type SnmpClient, createClient } from './protocol/client.ts'
import { collectSection } from './collect.ts'
import { SYS_UP_TIME } from './compile.ts'
import type { Reading } from './reading.ts'
import { SnmpError } from './protocol/error.ts'
import { credentialsToTry, doubtOf, patienceFor } from './credentials.ts'
import { type DeviceMemory, sectionMemory } from './memory.ts'
import { type Readings, SYS_OBJECT_ID } from './readings.ts'
import { type SnmpSession, openSession } from './protocol/session.ts'
import type { Transport } from './protocol/transport.ts'
import { isSameRun } from './up-time.ts'
import { textOf } from './values/value-text.ts'
import type { Varbind } from './protocol/varbind.ts'

/** One poll of one device, in the slot that starts at `at` (Unix milliseconds). */
export type Poll = {
  readonly device: Device & { readonly snmp: SnmpSettings }
  /** The IP literal; null while the name isn't resolved. */
  readonly address: string | null
  readonly memory: DeviceMemory
  readonly at: number
}

export type PollDeps = {
  readonly transport: Transport
  readonly credentials: Config['credentials']
  readonly readings: Readings
  /** Labels that wardline adds to a row of a table with these: `uplink`. */
  readonly tag: (device: Device, labels: Labels) => Labels
}

export type PollResult = {
  /** What the modules read, stamped with the slot. */
  readonly samples: readonly Sample[]
  /** Texts that SNMP told of the device: labels of `device_info`. */
  readonly texts: Readonly<Record<string, string>>
  /** Null: everything was read. */
  readonly failure: SnmpError | null
  /** The name of the credential that was answered. */
  readonly credential: string | null
  readonly seconds: number
  readonly pdus: number
  readonly errors: number
}

type Progress = {
  readonly samples: Sample[]
  readonly texts: Record<string, string>
  credential: string | null
}

/**
 * All modules of a device under one deadline. An agent that is silent, refuses or talks nonsense is a result, not an
 * error; rejects only with the transport's reason, when that ends.
 */
export async function pollDevice(poll: Poll, deps: PollDeps): Promise<PollResult> {
  const { device, memory } = poll
  const startedAt = performance.now()
  const counts = { pdus: 0, errors: 0 }
  const progress: Progress = { samples: [], texts: {}, credential: null }
  let failure: SnmpError | null = null
  try {
    await read(poll, deps, progress, { deadlineAt: startedAt + device.snmp.timeoutMs, counts })
  } catch (error) {
    if (!(error instanceof SnmpError)) throw error
    failure = error
  }
  memory.outcome = failure === null ? 'up' : 'failed'
  memory.failures = failure === null ? 0 : memory.failures + 1
  memory.silences = progress.credential === null ? memory.silences + 1 : 0
  return {
    samples: progress.samples,
    texts: progress.texts,
    credential: progress.credential,
    failure,
    seconds: Math.round((performance.now() - startedAt) * 1000) / 1e6,
    pdus: counts.pdus,
    errors: failure === null ? counts.errors : Math.max(1, counts.errors),
  }
}

type Bounds = Pick<Asking, 'deadlineAt' | 'counts'>

/** Asks with one credential after the other until one is answered, and then for everything. */
async function read(poll: Poll, deps: PollDeps, into: Progress, bounds: Bounds): Promise<void> {
  const { device, address, memory } = poll
  if (address === null) throw new SnmpError('send', `no address known for ${device.address}`)
  const reading = deps.readings.of(device.snmp.modules, memory.sysObjectId)
  const candidates = credentialsToTry(device.snmp, memory, deps.credentials)
  const isDoubtful = memory.silences > 0 || candidates.length > 1
  const { tries, waitMs } = patienceFor(device.snmp, reading)
  const asking = { tries, waitMs, deadlineAt: bounds.deadlineAt, counts: bounds.counts }
  let refusal: SnmpError | null = null
  for (const { name, credential } of candidates) {
    const session = sessionWith(poll, deps.transport, { address, name, credential, reading })
    const client = createClient(session, { limits: memory.limits, asking })
    let isAnswered = false
    try {
      if (isDoubtful) {
        await probe(session, { ...asking, ...doubtOf(device.snmp, asking, candidates.length) })
        accept()
      }
      const got = await client.get(reading.gets)
      accept()
      const isV1 = credential.version === '1'
      await readAnswered(poll, deps, { client, isV1, reading, got, into })
      return
    } catch (error) {
      if (!isAnswered && memory.session?.open !== session) session.close()
      // An agent doesn't answer a community that it doesn't know: silence may mean the next credential.
      if (isAnswered || !isRefusal(error)) throw error
      refusal = error
    }

    function accept(): void {
      isAnswered = true
      into.credential = name
      keepSession(memory, name, session)
    }
  }
  throw refusal ?? new SnmpError('auth', 'none of its credentials is configured')
}

const PROBE = [SYS_UP_TIME]

/** Whether anybody is there, and knows the credential: from then on a lost packet is a lost packet. */
async function probe(session: SnmpSession, asking: Asking): Promise<void> {
  try {
    await session.get(PROBE, asking)
  } catch (error) {
    if (!(error instanceof SnmpError && error.reason === 'no-such-name')) throw error
  }
}

async function readAnswered(
  { device, memory, at }: Poll,
  { readings, tag }: PollDeps,
  asked: {
    client: SnmpClient
    isV1: boolean
    reading: Reading
    got: Map<string, Varbind>
    into: Progress
  },
): Promise<void> {
  const { client, isV1, got, into } = asked
  const reading = readings.isChosen(device.snmp.modules) ? await chosenReading() : asked.reading
  takeUpTime(memory, got.get(SYS_UP_TIME))
  for (const { name, oid } of reading.texts) {
    const cell = got.get(oid)
    if (cell !== undefined) into.texts[name] = textOf(cell, 'DisplayString')
  }
  const collecting = {
    client,
    isV1,
    got,
    identity: identityLabels(device),
    tag: (labels: Labels) => tag(device, labels),
    at,
    samples: into.samples,
  }
  let failure: SnmpError | null = null
  for (const section of reading.sections) {
    try {
      const more = collectSection(section, sectionMemory(memory, section.name), collecting)
      if (more !== null) await more
    } catch (error) {
      // What an agent can't tell of one module says nothing about the others; from one that is silent nothing comes.
      if (!(error instanceof SnmpError) || isLost(error)) throw error
      failure ??= new SnmpError(error.reason, `module ${section.name}: ${error.message}`, {
        oid: error.oid,
        cause: error,
      })
    }
  }
  if (failure !== null) throw failure

  /** With the modules that the agent's sysObjectID stands for, once that is known, and their values got. */
  async function chosenReading(): Promise<Reading> {
    const cell = got.get(SYS_OBJECT_ID)
    if (cell === undefined || textOf(cell) === memory.sysObjectId) return asked.reading
    memory.sysObjectId = textOf(cell)
    const chosen = readings.of(device.snmp.modules, memory.sysObjectId)
    const more = chosen.gets.filter((oid) => !asked.reading.gets.includes(oid))
    for (const [oid, value] of await client.get(more)) got.set(oid, value)
    return chosen
  }
}

/** Forgets what is known of the rows of an agent that started anew. */
function takeUpTime(memory: DeviceMemory, cell: Varbind | undefined): void {
  if (typeof cell?.value !== 'number') return
  const upTime = { ticks: cell.value, at: performance.now() }
  if (memory.upTime !== null && !isSameRun(memory.upTime, upTime)) memory.sections.clear()
  memory.upTime = upTime
}

/** The one of the last poll, while it leads to the same agent with the same credential. */
function sessionWith(
  { device, memory }: Poll,
  transport: Transport,
  wanted: { address: string; name: string; credential: CredentialConfig; reading: Reading },
): SnmpSession {
  const { address, name, credential, reading } = wanted
  const { port } = device.snmp
  const { anySource } = reading
  const known = memory.session
  if (known?.credential === name) {
    const { target } = known.open
    if (target.address === address && target.port === port && target.credential === credential) {
      return known.open
    }
  }
  return openSession(transport, { address, port, credential, anySource })
}

function keepSession(memory: DeviceMemory, credential: string, open: SnmpSession): void {
  const before = memory.session?.open
  if (before === open) return
  before?.close()
  // The rows of another agent are others, however long either has been up.
  if (before?.target.address !== open.target.address) memory.sections.clear()
  memory.session = { credential, open }
}

const isLost = ({ reason }: SnmpError): boolean => reason === 'timeout' || reason === 'send'

function isRefusal(error: unknown): error is SnmpError {
  return error instanceof SnmpError && (error.reason === 'timeout' || error.reason === 'auth')
}

/** What every poll tells of itself, under `snmp_`. */
export function pollSummary(
  { device, at, memory }: Poll,
  { failure, seconds, pdus, errors }: PollResult,
  /** Until the next poll, in milliseconds. */
  nextMs: number,
): Sample {
  return {
    measurement: 'snmp',
    labels: identityLabels(device),
    at,
    fields: {
      up: failure === null ? 1 : 0,
      poll_seconds: seconds,
      pdus,
      errors,
      failures: memory.failures,
      interval_seconds: nextMs / 1000,
    },
  }
}
