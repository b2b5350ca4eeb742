import type { Clock } from './clock.ts'
import type { Config } from './config/schema.ts'
import type { InventorySource } from './inventory.ts'
import type { Logger } from './log.ts'
import type { Redis } from './redis.ts'
import type { VictoriaMetrics } from './victoriametrics.ts'

/** What `main` hands to a service. */
export type ServiceDeps = {
  readonly config: Config
  /** Where it was read: relative paths in it start beside it. */
  readonly configPath?: string
  readonly inventory: InventorySource
  /** The service's own: what waits for its connections holds up no other service. */
  readonly victoriaMetrics: VictoriaMetrics
  readonly redis: Redis
  readonly log: Logger
  readonly clock: Clock
  readonly version: string
  /** Whether all services run in this process with embedded stores, or apart. */
  readonly mode: 'standalone' | 'distributed'
}

/** A service returns once the signal aborted and its own work has ended; it rejects when it can't start. */
export type Service = (deps: ServiceDeps, signal: AbortSignal) => Promise<void>

export const SERVICE_NAMES = ['collector', 'alerting', 'api'] as const
export type ServiceName = (typeof SERVICE_NAMES)[number]

/** Redis channels: hints that something changed. Losing one costs at most one interval. */
export const CHANNELS = {
  /** From the collector: `[{"device","up","at"}]`, probes whose outcome differs from the one before or confirms it. */
  probes: 'wardline:probes',
  /** From alerting: `[{"device","status","since","at"}]`, statuses that changed, after they were written and flushed. */
  statuses: 'wardline:statuses',
  /** From Redis' own script: the collectors of a site, whose name it is, aren't those that they were. */
  members: 'wardline:members',
  /** From a collector to the others of its site: `{"site","from","asks"}`, devices of theirs that are worth a probe now. */
  asks: 'wardline:asks',
} as const
