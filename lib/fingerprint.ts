import { createFnv } from './fnv.ts'
import type { Labels } from './labels.ts'

/** Names an alert: FNV-1a (64 bit) over its sorted labels, as Prometheus and Alertmanager compute it: 16 hex digits. */
export function fingerprint(labels: Labels): string {
  const hash = createFnv()
  for (const name of Object.keys(labels).sort()) {
    hash
      .text(name)
      .separate()
      .text(labels[name] ?? '')
      .separate()
  }
  return hash.hex()
}
