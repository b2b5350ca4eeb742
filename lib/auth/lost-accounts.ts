import { createHash, randomUUID } from 'node:crypto'
import { type Hashes, type Repair, repairOf } from '../redis/merge.ts'

/**
 * What becomes of users and tokens when Redis went back. A process that has them in memory puts them back: nobody is locked out,
 * and who was removed stays removed. What is on disk lets nobody in: of that there are digests alone, by which whatever a restored
 * file brings back can be told from what was there.
 */

/**
 * Pure: as `repairOf`, and everybody signs in again. Sessions come back with a file, too, also those that people ended; with
 * another epoch they are over.
 */
export const repairAccounts: typeof repairOf = (known, found, timeOf) => {
  const repair = repairOf(known, found, timeOf)
  const users = { ...found['user'] }
  for (const { hash, id, text } of repair.changes) {
    if (hash !== 'user') continue
    if (text === null) delete users[id]
    else users[id] = text
  }
  const others = repair.changes.filter(({ hash }) => hash !== 'user')
  const gone = repair.changes.filter(({ hash, text }) => hash === 'user' && text === null)
  return { ...repair, changes: [...others, ...gone, ...signedOut(users)] }
}

/** Pure: the changes by which all sessions of these users are over. */
export const signedOut = (users: Readonly<Record<string, string>>): Repair['changes'] =>
  Object.entries(users).map(([id, text]) => ({
    hash: 'user',
    id,
    text: withFields(text, { epoch: randomUUID() }),
  }))

/**
 * Pure: what makes a restored Redis let in nobody who wasn't there as they are, when all that is known are digests. Users
 * that changed since are disabled (a password that was changed may have been changed for a reason), tokens that changed and
 * whatever was removed are taken away.
 */
export function distrust(
  known: { readonly hashes: Hashes; readonly at: number },
  found: Hashes,
): Repair {
  const changes: Repair['changes'][number][] = []
  let removed = 0
  for (const hash of ['user', 'token']) {
    const digests = known.hashes[hash] ?? {}
    for (const [id, text] of Object.entries(found[hash] ?? {})) {
      if (createdAt(text) > known.at) continue
      const isKnown = id in digests
      const isSame = digests[id] === digestOfAccount(text)
      if (hash === 'user' && isKnown) {
        const fields = { epoch: randomUUID(), ...(!isSame && { disabled: true }) }
        changes.push({ hash, id, text: withFields(text, fields) })
        if (!isSame) removed++
      } else if (!isSame) {
        changes.push({ hash, id, text: null })
        removed++
      }
    }
  }
  return { changes, putBack: 0, removed }
}

/** Of all but the epoch, which ends sessions and says nothing of who it is. */
export function digestOfAccount(text: string): string {
  return createHash('sha256')
    .update(withFields(text, { epoch: '' }))
    .digest('hex')
}

export const digestsOf = (hashes: Hashes): Hashes =>
  Object.fromEntries(
    Object.entries(hashes).map(([hash, texts]) => [
      hash,
      Object.fromEntries(Object.entries(texts).map(([id, text]) => [id, digestOfAccount(text)])),
    ]),
  )

export function createdAt(text: string): number {
  const { createdAt: at } = fieldsOf(text)
  return typeof at === 'number' ? at : -Infinity
}

function withFields(text: string, fields: object): string {
  const before = fieldsOf(text)
  // Only users have an epoch; what can't be read stays as it is, and lets nobody in.
  return 'epoch' in before ? JSON.stringify({ ...before, ...fields }) : text
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
