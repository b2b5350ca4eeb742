import { userNameSchema } from '../../lib/auth/account.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Desk } from '../decisions/desk.ts'
import { formatInstant } from '../decisions/when.ts'
import type { Output } from '../output.ts'
import { alignedLines } from '../snmp/table.ts'
import { atAccounts } from './accounts.ts'
import { type GrantOptions, readGrant, scopeText } from './grant.ts'
import { readPassword } from './password.ts'

type By = { readonly author: string }

/** `wardline user add` */
export async function addUser(
  desk: Desk,
  name: string,
  options: GrantOptions & By,
  output: Output,
): Promise<number> {
  const checked = userNameSchema.safeParse(name)
  if (!checked.success) throw new StartError(checked.error.issues[0]?.message ?? 'not a name')
  const grant = await readGrant(options, desk.source)
  const password = await readPassword()
  await atAccounts(desk, ({ addUser: add }) => add({ name, password, ...grant }, options.author))
  output.print(`${name} added: ${grant.role}, ${scopeText(grant.scope)}`)
  return 0
}

/** `wardline user list` */
export async function listUsers(
  desk: Desk,
  { json }: { readonly json?: boolean },
  output: Output,
): Promise<number> {
  const { users, seen } = await atAccounts(desk, async (accounts) => ({
    users: [...(await accounts.read()).users.values()],
    seen: await accounts.seen(),
  }))
  const found = users
    .map(({ name, role, scope, oidc, createdAt, disabled }) => ({
      name,
      role,
      scope,
      signsIn: oidc === null ? 'password' : 'oidc',
      createdAt,
      lastLoginAt: seen.get(`user:${name}`) ?? null,
      disabled,
    }))
    .sort((one, other) => one.name.localeCompare(other.name))
  if (json === true) {
    output.print(JSON.stringify(found, null, 2))
    return 0
  }
  const rows = found.map((each) => [
    each.name,
    each.role,
    scopeText(each.scope),
    each.signsIn,
    each.lastLoginAt === null ? 'never' : formatInstant(each.lastLoginAt),
    each.disabled ? 'disabled' : '',
  ])
  const head = ['name', 'role', 'sees', 'signs in by', 'last', '']
  for (const line of alignedLines([head, ...rows])) output.print(line)
  return 0
}

/** `wardline user passwd` */
export async function setPassword(
  desk: Desk,
  name: string,
  { author }: By,
  output: Output,
): Promise<number> {
  const password = await readPassword()
  await atAccounts(desk, (accounts) => accounts.setPassword(name, password, author))
  output.print(`${name} has another password; their sessions have ended`)
  return 0
}

/** `wardline user disable` and `enable` */
export async function switchUser(
  desk: Desk,
  name: string,
  disabled: boolean,
  { author }: By,
  output: Output,
): Promise<number> {
  await atAccounts(desk, ({ changeUser }) => changeUser(name, { disabled }, author))
  output.print(disabled ? `${name} is disabled; their sessions have ended` : `${name} is enabled`)
  return 0
}

/** `wardline user remove` */
export async function removeUser(
  desk: Desk,
  name: string,
  { author }: By,
  output: Output,
): Promise<number> {
  await atAccounts(desk, (accounts) => accounts.removeUser(name, author))
  output.print(`${name} removed`)
  return 0
}
