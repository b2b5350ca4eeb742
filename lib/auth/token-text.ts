import { createHash, randomBytes } from 'node:crypto'

/** An API token as its owner has it: `wl_<id>_<secret>`. The id is no secret; the whole is hashed. */
export type TokenText = { readonly id: string; readonly text: string }

const SECRET_BYTES = 32
const TOKEN = /^wl_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/

export function makeTokenText(): TokenText {
  const id = randomBytes(8).toString('hex')
  return { id, text: `wl_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}` }
}

/** Null for what is no token. */
export function readTokenText(text: string): TokenText | null {
  const [, id] = TOKEN.exec(text) ?? []
  return id === undefined ? null : { id, text }
}

/** 256 bits that nobody can guess, for a session, a link or a state. */
export const randomId = (): string => randomBytes(SECRET_BYTES).toString('base64url')

/** What is kept of a text that is random by itself: nobody finds the text by trying. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url')
