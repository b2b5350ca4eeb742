import { DEFAULT_SITE } from '../../lib/sites.ts'
import { isoOrNull } from '../device-json.ts'
import { queuesOf } from '../queues.ts'
import type { SlowPollJson } from '../schemas.ts'
import type { View } from '../view/build.ts'
import type { CollectorFacts, ShareFigures } from './facts.ts'
import type { CollectorJson } from './schema.ts'

/** Slow devices that are told of each. */
const SLOWEST = 10

/** The collectors of a view, by name. `slowest` are the slowest devices of all of them. */
export function collectorsJson(
  view: View,
  { versions, pollers, shares, sites }: CollectorFacts,
  slowest: readonly SlowPollJson[],
  { isScoped }: { readonly isScoped: boolean },
): CollectorJson[] {
  const workers = new Map(queuesOf(view).data.workers.map((worker) => [worker.name, worker]))
  const blindSince = new Map(view.blind.map(({ name, since }) => [name, since]))
  const { collectors } = view.pipeline
  return collectors.map(({ name, kinds, lagSeconds, storedRatio, bufferBytes, lastSuccessAt }) => {
    const worker = workers.get(name)
    const blind = blindSince.get(name) ?? null
    // A single one polls whatever is polled.
    const own = slowest.filter(
      ({ device }) => collectors.length === 1 || pollers.get(device) === name,
    )
    const targets = (kind: string): number | null =>
      isScoped ? null : (kinds.get(kind)?.scheduled ?? 0)
    return {
      name,
      version: versions.get(name) ?? null,
      status: blind === null ? (worker?.status ?? 'late') : 'blind',
      lag_seconds: lagSeconds,
      missed_slots: worker?.missed_slots ?? 0,
      stored_ratio: storedRatio,
      buffer_bytes: bufferBytes,
      last_success_at: isoOrNull(lastSuccessAt),
      targets: { ping: targets('ping'), snmp: targets('snmp') },
      site: sites.get(name) ?? DEFAULT_SITE,
      share: shareJson(shares.get(name), isScoped),
      blind_since: isoOrNull(blind),
      slowest: own.slice(0, SLOWEST),
    }
  })
}

const shareJson = (share: ShareFigures | undefined, isScoped: boolean): CollectorJson['share'] =>
  share === undefined ? null : { ...share, devices: isScoped ? null : share.devices }
