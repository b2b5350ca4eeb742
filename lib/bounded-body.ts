/** The bytes of a body; null as soon as there are more than `most`: it may have no end. What was read until then is let go. */
export async function readUpTo(
  body: AsyncIterable<Uint8Array> | null,
  most: number,
): Promise<Buffer | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > most) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** What a text can hold at most: more would only be read to be thrown away. */
const MOST_OF_TEXT = 2 ** 29 - 24

/** A body as text. Rejects where it is longer than a text can be. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const bytes = await readUpTo(body, MOST_OF_TEXT)
  if (bytes === null)
    throw new Error('its answer has more than 512 MB: ask for fewer series, or for less time')
  return bytes.toString('utf8')
}
