import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { dataDirError, makeDataDir } from '../../lib/data-dir.ts'

/**
 * wardline as an SNMP engine of its own (RFC 3414 §2): senders of v3 informs make their keys from its id, and date what
 * they send by its boots and time. Kept in `snmp-engine.json`, because a number of boots must never come twice.
 */
export type LocalEngine = {
  readonly id: Buffer
  /** Starts under this id, this one included. */
  readonly boots: number
  /** Seconds since this start. */
  time(): number
}

const FILE = 'snmp-engine.json'
/** The highest number of boots is kept by the RFC for "no longer valid": an id ends before it. */
const MOST_BOOTS = 2 ** 31 - 2

const stateSchema = z.object({
  engine_id: z.string().regex(/^([0-9a-f]{2}){5,32}$/),
  boots: z.int().min(1),
})
type State = z.output<typeof stateSchema>

/** Counts this start. Rejects with StartError when the directory can't be written to. */
export async function openEngine(
  dataDir: string,
  now: () => number = () => performance.now(),
): Promise<LocalEngine> {
  await makeDataDir(dataDir)
  const path = join(dataDir, FILE)
  try {
    const last = await readState(path)
    const state =
      last === null || last.boots >= MOST_BOOTS
        ? { engine_id: newId().toString('hex'), boots: 1 }
        : { ...last, boots: last.boots + 1 }
    await writeState(dataDir, state)
    const startedAt = now()
    return {
      id: Buffer.from(state.engine_id, 'hex'),
      boots: state.boots,
      time: () => Math.floor((now() - startedAt) / 1000),
    }
  } catch (error) {
    throw dataDirError(path, error)
  }
}

/** Null when there is none, or none that can be read: then a new id, whose boots nobody knows yet, is the safe way. */
async function readState(path: string): Promise<State | null> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined || code === 'ENOENT') return null
    throw error
  }
}

/** On the disk before the engine says a word: without the directory a power cut may bring the old file back. */
async function writeState(dataDir: string, state: State): Promise<void> {
  const path = join(dataDir, FILE)
  const next = `${path}.new`
  await using file = await open(next, 'w', 0o600)
  await file.writeFile(`${JSON.stringify(state)}\n`)
  await file.sync()
  await rename(next, path)
  await using directory = await open(dataDir, 'r')
  await directory.sync()
}

/** RFC 3411's SnmpEngineID: no enterprise, format 5 (octets), and enough random ones to be alone in the world. */
function newId(): Buffer {
  return Buffer.concat([Buffer.from([0x80, 0, 0, 0, 5]), randomBytes(16)])
}
