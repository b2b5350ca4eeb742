import type { Labels } from '../../lib/labels.ts'

const PRIME = 0x100_0000_01b3n
const OFFSET = 0xcbf2_9ce4_8422_2325n
const MASK = 0xffff_ffff_ffff_ffffn

/** FNV-1a (64 bit) over the sorted labels, as Prometheus and Alertmanager compute it: 16 hex digits. */
export function fingerprint(labels: Labels): string {
  let hash = OFFSET
  const add = (byte: number): void => {
    hash = ((hash ^ BigInt(byte)) * PRIME) & MASK
  }
  for (const name of Object.keys(labels).sort()) {
    for (const byte of Buffer.from(name)) add(byte)
    add(0xff)
    for (const byte of Buffer.from(labels[name] ?? '')) add(byte)
    add(0xff)
  }
  return hash.toString(16).padStart(16, '0')
}
