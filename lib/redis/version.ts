/**
 * What is kept in Redis has a version: a count that grows with each change, and a name of the last one. A Redis whose count
 * went back has lost changes (it was flushed, an old file was restored, a replica took over that had not heard of them); so
 * has one with the same count and another name: it went back, and was changed since.
 */

/** Null: there was no change yet. `12`, as releases before wrote it, or `12-name`. */
export type Version = string | null

/** Whether Redis, at `found`, lacks something of what was there at `known`. */
export function isBehind(known: Version, found: Version): boolean {
  if (known === null) return false
  if (found === null) return true
  const [knownCount, knownHead] = split(known)
  const [foundCount, foundHead] = split(found)
  if (foundCount !== knownCount) return foundCount < knownCount
  return foundHead !== knownHead
}

export const countOf = (version: Version): number => (version === null ? 0 : split(version)[0])

function split(version: string): [count: number, head: string] {
  const [count = '', head = ''] = version.split('-')
  return [Number(count) || 0, head]
}

export const headKey = (versionKey: string): string => `${versionKey}:head`

export const versionText = (count: string | null, head: string | null): Version =>
  count === null || head === null ? count : `${count}-${head}`

/**
 * For scripts: `version_of(count key, head key)`, '' for none, and `advance(count key, head key, name of this change)`. That comes
 * before all other writes: the first of a full Redis is refused, and a script that removes something goes on after that.
 */
export const VERSION_LUA = `
local function version_of(count_key, head_key)
  local count = redis.call('GET', count_key)
  if not count then return '' end
  local head = redis.call('GET', head_key)
  return head and (count .. '-' .. head) or count
end
local function advance(count_key, head_key, name)
  redis.call('SET', head_key, name)
  redis.call('INCR', count_key)
end
`
