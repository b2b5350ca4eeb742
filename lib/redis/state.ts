import { z } from 'zod'

/** What Redis says of itself: when it was last heard of, and what it lost. A hash; every process beats it. */
export const STATE = 'wardline:state'

export const putBackField = (what: string): string => `put_back:${what}`

/** Something that Redis had lost and got back from what a process knew. */
export type PutBack = { readonly at: number; readonly putBack: number; readonly removed: number }

const putBackSchema = z
  .object({ at: z.number(), put_back: z.number(), removed: z.number() })
  .transform(({ at, put_back: putBack, removed }) => ({ at, putBack, removed }))

/** By what it was, from the fields of the hash. */
export function readPutBacks(fields: Readonly<Record<string, string>>): Map<string, PutBack> {
  const found = new Map<string, PutBack>()
  for (const [field, text] of Object.entries(fields)) {
    if (!field.startsWith('put_back:')) continue
    const { data } = putBackSchema.safeParse(parsed(text))
    if (data !== undefined) found.set(field.slice('put_back:'.length), data)
  }
  return found
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
