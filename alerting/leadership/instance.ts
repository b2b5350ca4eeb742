import { randomUUID } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type ProcessIdentity, identify, isAlive } from '../../lib/embedded/process-identity.ts'
import { parseListen } from '../../lib/listen-address.ts'
import type { Logger } from '../../lib/log.ts'

/** A process that led or stood by, and is no more. */
export type Former = { readonly holder: string; readonly token: number | null }

/** Who this process is among the instances of alerting. */
export type Instance = AsyncDisposable & {
  /** Of this very process: what holds the lease. */
  readonly holder: string
  /** The same over restarts: what people see. */
  readonly name: string
  readonly former: readonly Former[]
  /** Keeps the token of the term that it leads; null: none. Never rejects. */
  leads(token: number | null): Promise<void>
}

/** A namespace of processes: a number names a process in its own one alone. */
type Kept = {
  readonly holder: string
  readonly token: number | null
  readonly process: ProcessIdentity
  readonly host: string
  readonly namespace: string
}

const keptSchema = z.object({
  holder: z.string(),
  token: z.number().nullable(),
  process: z.object({ pid: z.number(), startTicks: z.number(), bootId: z.string() }),
  host: z.string(),
  namespace: z.string(),
})

/** Files of processes of which nobody can say whether they live. */
const FORGOTTEN_MS = 86_400_000

/**
 * Opens this process' file below `dataDir`, which several instances may share. A process that was killed has left its own:
 * where it is known to be dead, its lease needn't run out.
 */
export async function openInstance({
  dataDir,
  listen,
  log,
}: {
  dataDir: string
  listen: string
  log: Logger
}): Promise<Instance> {
  const host = hostname()
  const holder = `${instanceName(host, listen)}/${randomUUID().slice(0, 8)}`
  const folder = join(dataDir, 'alerting')
  const file = join(folder, `${holder.replaceAll(/[^\w.-]+/g, '-')}.json`)
  const process = identify(globalThis.process.pid)
  const namespace = processNamespace()
  const life = process === null ? null : { process, host, namespace }
  let former: readonly Former[] = []
  let isUsable = life !== null

  async function keep(token: number | null): Promise<void> {
    if (!isUsable || life === null) return
    try {
      await writeFile(`${file}.new`, JSON.stringify({ holder, token, ...life } satisfies Kept))
      await rename(`${file}.new`, file)
    } catch (error) {
      isUsable = false
      const message = 'a restart after a crash waits for the lease to run out'
      log.warn({ folder, reason: (error as Error).message }, message)
    }
  }

  try {
    await mkdir(folder, { recursive: true })
    if (life !== null) former = await takeFormer(folder, life)
  } catch (error) {
    log.debug({ folder, reason: (error as Error).message }, 'former instances not read')
  }
  await keep(null)
  return {
    holder,
    name: instanceName(host, listen),
    former,
    leads: keep,
    async [Symbol.asyncDispose]() {
      await rm(file, { force: true }).catch(() => {})
    },
  }
}

/** Where others reach what listens there: what listens everywhere by the host's name. */
export function advertisedUrl(listen: string, host = hostname()): string {
  const { host: own, port } = parseListen(listen)
  const reached = own === '0.0.0.0' || own === '::' ? host : own
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

const instanceName = (host: string, listen: string): string => `${host}:${parseListen(listen).port}`

/** The processes of this namespace that are dead; their files go. */
async function takeFormer(
  folder: string,
  { host, namespace }: Pick<Kept, 'host' | 'namespace'>,
): Promise<Former[]> {
  const former: Former[] = []
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.json')) continue
    const path = join(folder, name)
    const kept = await read(path)
    const isHere = kept?.host === host && kept.namespace === namespace
    if (kept !== null && isHere && !isAlive(kept.process)) {
      former.push({ holder: kept.holder, token: kept.token })
      await rm(path, { force: true })
    } else if (!isHere && (await isOld(path))) await rm(path, { force: true })
  }
  return former
}

async function read(path: string): Promise<Kept | null> {
  try {
    return keptSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null // of another version, or cut off: its lease runs out
  }
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  return found !== null && Date.now() - found.mtimeMs > FORGOTTEN_MS
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
