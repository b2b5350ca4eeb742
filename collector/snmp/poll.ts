import type { Config, CredentialConfig } from '../../lib/config/schema.ts'
import { type Device, type SnmpSettings, identityLabels } from '../../lib/inventory.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import { openClient } from './client.ts'
import { SnmpError } from './error.ts'
import { type DeviceMemory, tableMemory } from './memory.ts'
import { type Scalar, modulesNamed } from './modules.ts'
import type { Patience } from './session.ts'
import { collectTable } from './table.ts'
import type { Transport } from './transport.ts'
import type { SnmpValue } from './values.ts'

/** One poll of one device, in the slot that starts at `at` (Unix milliseconds). */
export type Poll = {
  readonly device: Device & { readonly snmp: SnmpSettings }
  /** The IP literal; null while the name isn't resolved. */
  readonly address: string | null
  readonly memory: DeviceMemory
  readonly at: number
}

export type PollResult = {
  /** `snmp_up` and its kin first, then what the modules read; all stamped with the slot. */
  readonly samples: readonly Sample[]
  /** Texts that SNMP told of the device: labels of `device_info`. */
  readonly texts: Readonly<Record<string, string>>
  /** Null: everything was read. */
  readonly failure: SnmpError | null
}

type Reading = { samples: Sample[]; texts: Record<string, string>; pdus: number; errors: number }

/** The longest wait of the first try: an agent that answers at all mostly does within a second. */
const MOST_WAIT_MS = 2_000
/** sysUpTime: what an agent is greeted with when no module has a scalar. */
const GREETING = ['1.3.6.1.2.1.1.3.0']

/**
 * All modules of a device under one deadline. An agent that is silent, refuses or talks nonsense is a result
 * (`snmp_up` 0 and what was read), not an error; rejects only with the signal's reason, when it aborts.
 */
export async function pollDevice(
  poll: Poll,
  {
    transport,
    credentials,
  }: { readonly transport: Transport; readonly credentials: Config['credentials'] },
  signal: AbortSignal,
): Promise<PollResult> {
  signal.throwIfAborted()
  const { device, memory, at } = poll
  const { timeoutMs } = device.snmp
  const startedAt = performance.now()
  const reading: Reading = { samples: [], texts: {}, pdus: 0, errors: 0 }
  const deadline = new AbortController()
  const stop = (): void => deadline.abort(signal.reason)
  signal.addEventListener('abort', stop)
  const timer = setTimeout(
    () => deadline.abort(new SnmpError('timeout', `not read within ${timeoutMs} ms`)),
    timeoutMs,
  )
  let failure: SnmpError | null = null
  try {
    await read(poll, reading, { transport, credentials, signal: deadline.signal })
  } catch (error) {
    if (!(error instanceof SnmpError)) throw error
    failure = error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
  memory.outcome = failure === null ? 'up' : 'failed'
  const summary: Sample = {
    measurement: 'snmp',
    labels: identityLabels(device),
    at,
    fields: {
      up: failure === null ? 1 : 0,
      poll_seconds: Math.round((performance.now() - startedAt) * 1000) / 1e6,
      pdus: reading.pdus,
      errors: failure === null ? reading.errors : Math.max(1, reading.errors),
    },
  }
  return { samples: [summary, ...reading.samples], texts: reading.texts, failure }
}

/** Asks with one credential after the other until one is answered, and then for everything. */
async function read(
  poll: Poll,
  reading: Reading,
  {
    transport,
    credentials,
    signal,
  }: { transport: Transport; credentials: Config['credentials']; signal: AbortSignal },
): Promise<void> {
  const { device, address, memory } = poll
  if (address === null) throw new SnmpError('send', `no address known for ${device.address}`)
  const candidates = credentialsToTry(device.snmp, memory, credentials)
  const patience = patienceFor(device.snmp, memory, candidates.length)
  const { port } = device.snmp
  const modules = modulesNamed(device.snmp.modules)
  const scalars = modules.flatMap((module) => module.scalars)
  const tables = modules.flatMap((module) => module.tables)
  const into = { identity: identityLabels(device), at: poll.at, samples: reading.samples }
  let refusal: SnmpError | null = null
  for (const { name, credential } of candidates) {
    const target = { address, port, credential }
    using client = openClient(transport, target, { limits: memory.limits, patience, signal })
    let answered = false
    try {
      const values = await client.get(scalars.length > 0 ? scalars.map(({ oid }) => oid) : GREETING)
      answered = true
      memory.credential = name
      takeScalars(poll, scalars, values, reading)
      for (const table of tables) {
        await collectTable(client, table, tableMemory(memory, table.name), into)
      }
      return
    } catch (error) {
      // An agent doesn't answer a community that it doesn't know: silence may mean the next credential.
      if (answered || !isRefusal(error) || signal.aborted) throw error
      refusal = error
    } finally {
      reading.pdus += client.counts.pdus
      reading.errors += client.counts.errors
    }
  }
  throw refusal ?? new SnmpError('auth', 'none of its credentials is configured')
}

/** The one that worked, alone, while it works; after a failure all of them, that one first. */
function credentialsToTry(
  { credentials: names }: SnmpSettings,
  { credential: known, outcome }: DeviceMemory,
  configured: Config['credentials'],
): readonly { name: string; credential: CredentialConfig }[] {
  const wanted = known === null ? names : [known, ...names.filter((name) => name !== known)]
  const tried = known !== null && outcome === 'up' ? [known] : wanted
  return tried.flatMap((name) => {
    const credential = configured[name]
    return credential === undefined ? [] : [{ name, credential }]
  })
}

/** A device that may well be dead, or may want another credential, is asked once; others get a second try. */
function patienceFor(settings: SnmpSettings, memory: DeviceMemory, candidates: number): Patience {
  const isDoubtful = memory.outcome === 'failed' || candidates > 1
  const shares = isDoubtful ? candidates + 1 : 3
  return {
    tries: isDoubtful ? 1 : 2,
    waitMs: Math.min(MOST_WAIT_MS, settings.timeoutMs / shares),
  }
}

function takeScalars(
  { device, at }: Poll,
  scalars: readonly Scalar[],
  values: ReadonlyMap<string, SnmpValue>,
  { samples, texts }: Reading,
): void {
  const fields: Record<string, number> = {}
  for (const { name, oid, as } of scalars) {
    const value = values.get(oid)
    if (as === 'number' && typeof value === 'number') fields[name] = value
    if (as === 'text' && value !== undefined) texts[name] = String(value)
  }
  if (Object.keys(fields).length > 0) {
    samples.push({ measurement: '', labels: identityLabels(device), fields, at })
  }
}

function isRefusal(error: unknown): error is SnmpError {
  return error instanceof SnmpError && (error.reason === 'timeout' || error.reason === 'auth')
}
