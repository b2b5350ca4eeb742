/**
 * Texts of OIDs that were read lately: agents of one kind have the same tables, and each poll brings the same OIDs again. One
 * place for each hash, and the last to come has it: agents that make OIDs up take no more memory than others.
 */
const PLACES = 4_096
/** Longer ones come seldom. */
const MOST_BYTES = 32

const contents = new Uint8Array(PLACES * MOST_BYTES)
const lengths = new Uint8Array(PLACES)
const texts = Array.from<string>({ length: PLACES }).fill('')

/** Where the text of the OID with this content would be; -1 where it is too long to be kept. */
export function placeOfOid(bytes: Buffer, start: number, end: number): number {
  if (end - start > MOST_BYTES) return -1
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193)
  return (hash ^ (hash >>> 15)) & (PLACES - 1)
}

/** Undefined where another one is, or none. */
export function oidTextAt(
  place: number,
  bytes: Buffer,
  start: number,
  end: number,
): string | undefined {
  if (place === -1 || lengths[place] !== end - start) return undefined
  const offset = place * MOST_BYTES - start
  // Most differ in the last byte.
  for (let i = end - 1; i >= start; i--) if (contents[offset + i] !== bytes[i]) return undefined
  return texts[place]
}

export function keepOidText(
  place: number,
  text: string,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  if (place === -1) return
  const offset = place * MOST_BYTES - start
  for (let i = start; i < end; i++) contents[offset + i] = bytes[i] ?? 0
  lengths[place] = end - start
  texts[place] = text
}
