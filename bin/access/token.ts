import { tokenNameSchema } from '../../lib/auth/account.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Desk } from '../decisions/desk.ts'
import { findId } from '../decisions/options.ts'
import { formatInstant, readDuration } from '../decisions/when.ts'
import type { Output } from '../output.ts'
import { alignedLines } from '../snmp/table.ts'
import { atAccounts } from './accounts.ts'
import { type GrantOptions, readGrant, scopeText } from './grant.ts'

export type AddTokenOptions = GrantOptions & {
  readonly for?: string
  readonly json?: boolean
  readonly author: string
}

/** `wardline token add` */
export async function addToken(
  desk: Desk,
  name: string,
  options: AddTokenOptions,
  output: Output,
): Promise<number> {
  const checked = tokenNameSchema.safeParse(name)
  if (!checked.success) throw new StartError(checked.error.issues[0]?.message ?? 'not a name')
  const expiresAt = options.for === undefined ? null : desk.now + readDuration('--for', options.for)
  const draft = { name: checked.data, ...(await readGrant(options, desk.source)), expiresAt }
  const { token, text } = await atAccounts(desk, (accounts) =>
    accounts.addToken(draft, options.author),
  )
  if (options.json === true) {
    const { hash: _hash, ...told } = token
    output.print(JSON.stringify({ ...told, token: text }, null, 2))
    return 0
  }
  output.print(text)
  output.error(
    `${token.role}, ${scopeText(token.scope)}, ${expiryText(expiresAt)}; it is not shown again`,
  )
  return 0
}

/** `wardline token list` */
export async function listTokens(
  desk: Desk,
  { json }: { readonly json?: boolean },
  output: Output,
): Promise<number> {
  const { tokens, seen } = await atAccounts(desk, async (accounts) => ({
    tokens: [...(await accounts.read()).tokens.values()],
    seen: await accounts.seen(),
  }))
  const found = tokens
    .map(({ hash: _hash, ...token }) => ({
      ...token,
      lastUsedAt: seen.get(`token:${token.id}`) ?? null,
    }))
    .sort((one, other) => other.createdAt - one.createdAt)
  if (json === true) {
    output.print(JSON.stringify(found, null, 2))
    return 0
  }
  const rows = found.map((each) => [
    each.id,
    each.name,
    each.role,
    scopeText(each.scope),
    each.expiresAt !== null && each.expiresAt <= desk.now ? 'expired' : expiryText(each.expiresAt),
    each.lastUsedAt === null ? 'never' : formatInstant(each.lastUsedAt),
    each.createdBy,
  ])
  const head = ['id', 'name', 'role', 'sees', 'expires', 'last used', 'made by']
  for (const line of alignedLines([head, ...rows])) output.print(line)
  return 0
}

/** `wardline token remove`: all that are named, or none when one of them isn't there. */
export async function removeTokens(
  desk: Desk,
  words: readonly string[],
  { author }: { readonly author: string },
  output: Output,
): Promise<number> {
  return atAccounts(desk, async (accounts) => {
    const ids = [...(await accounts.read()).tokens.keys()]
    for (const id of words.map((word) => findId(ids, word, 'token'))) {
      await accounts.removeToken(id, author)
      output.print(`${id} removed`)
    }
    return 0
  })
}

const expiryText = (at: number | null): string =>
  at === null ? 'never expires' : `until ${formatInstant(at)}`
