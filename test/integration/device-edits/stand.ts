import { deviceEditRoutes } from '../../../api/routes/device-edits.ts'
import { deviceNoteRoutes } from '../../../api/routes/device-notes.ts'
import type { ApiParts } from '../../../api/app.ts'
import type { Principal } from '../../../api/auth/principal.ts'
import { createEndpoints } from '../../../api/endpoint.ts'
import { answerError } from '../../../api/problem.ts'
import { systemClock } from '../../../lib/clock.ts'
import { loadConfig } from '../../../lib/config/load.ts'
import {
  type EditedInventory,
  openEditedInventory,
} from '../../../lib/inventory/edits/edited-inventory.ts'
import { watchInventory } from '../../../lib/inventory/files.ts'
import { type Redis, connectRedis } from '../../../lib/redis.ts'
import { type RecordedLog, recordLog } from '../../fakes/log.ts'
import { waitFor } from '../../wait.ts'
import type { Answer } from '../api/stand.ts'
import type { Directory } from '../inventory/files.ts'

export const ADMIN: Principal = { name: 'nino', kind: 'user', role: 'admin', scope: null }

/** A process' inventory of files and API, and the API over it. */
export type Process = AsyncDisposable & {
  readonly inventory: EditedInventory
  readonly log: RecordedLog
  /** A request by this principal, an admin who sees everything unless told. */
  request(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Response>
}

export type RequestOptions = {
  readonly as?: Principal
  readonly headers?: Record<string, string>
}

export async function startProcess(
  directory: Directory,
  redisUrl: string,
  { waits = true }: { waits?: boolean } = {},
): Promise<Process> {
  await using owned = new AsyncDisposableStack()
  const ending = new AbortController()
  owned.defer(() => ending.abort())
  const recorded = recordLog()
  const { log } = recorded
  const configPath = directory.of('wardline.yaml')
  const config = await loadConfig(configPath)
  const source = await watchInventory(
    { config, configPath, log, snmpModules: ['system', 'if_mib'] },
    ending.signal,
  )
  const redis: Redis = connectRedis(redisUrl, log)
  owned.defer(() => redis.disconnect())
  if (waits) await waitFor(() => redis.status === 'ready', { what: 'Redis' })
  const inventory = owned.use(
    await openEditedInventory({
      source,
      redis,
      dataDir: directory.of('data'),
      clock: systemClock,
      log,
      firstReadMs: 0,
    }),
  )
  // The routes ask the view for nothing but to be fresh.
  const view = {
    subscribe(listener: { refreshed(view: never): void }) {
      listener.refreshed({ at: Infinity } as never)
      return () => {}
    },
    hint() {},
  }
  const parts = { inventory, view, clock: systemClock } as unknown as ApiParts
  const asked: { principal: Principal } = { principal: ADMIN }
  const app = createEndpoints()
  app.use(async (c, next) => {
    c.set('principal', asked.principal)
    await next()
  })
  app.route('/', deviceEditRoutes(parts))
  app.route('/', deviceNoteRoutes(parts))
  app.onError((error, c) => answerError(error, c, log))
  const kept = owned.move()
  return {
    inventory,
    log: recorded,
    async request(method, path, body, { as = ADMIN, headers = {} } = {}) {
      asked.principal = as
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return app.request(path, {
        method,
        ...(body !== undefined && { body: text }),
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      })
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Three devices of a file. */
export const FILES = {
  'wardline.yaml':
    'inventory: {files: [devices.yaml]}\ncredentials: {c: {version: 2c, community: x}}\nprofiles: {switch: {role: access}}\n',
  'devices.yaml': [
    '- {id: core, address: 10.0.0.1, name: Core, branch: HQ, region: East}',
    '- {id: edge, address: 10.0.0.2, branch: Vake, region: West, parents: [core]}',
    '- {id: cam, address: 10.0.0.3, branch: Vake, region: West}',
  ].join('\n'),
}

export const idsOf = ({ inventory }: Process): string => [...inventory.current.keys()].join(' ')

export async function ask(
  { request }: Process,
  method: string,
  path: string,
  body?: unknown,
  options?: RequestOptions,
): Promise<Answer> {
  const response = await request(method, path, body, options)
  const text = await response.text()
  const { status, headers } = response
  return { status, headers, body: text === '' ? null : JSON.parse(text) }
}

/** These keys of each. */
export const pick = (
  list: readonly Record<string, unknown>[],
  ...keys: readonly string[]
): unknown[][] => list.map((item) => keys.map((key) => item[key]))

/** The audit log, the oldest first. */
export async function auditedIn(redis: Redis): Promise<Record<string, string>[]> {
  const lines = await redis.xrange('wardline:audit', '-', '+')
  return lines.map(([, fields]) =>
    Object.fromEntries(
      fields.flatMap((key, i) => (i % 2 === 0 ? [[key, fields[i + 1] ?? '']] : [])),
    ),
  )
}
