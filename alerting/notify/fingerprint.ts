import { createFnv } from '../../lib/fnv.ts'
import type { Labels } from '../../lib/labels.ts'

/** FNV-1a (64 bit) over the sorted labels, as Prometheus and Alertmanager compute it: 16 hex digits. */
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
