import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { type Token, type User, auditedToken, auditedUser } from './account.ts'
import { AuthError } from './auth-error.ts'
import type { Role, Scope } from './grant.ts'
import { hashSlowly } from './slow-hash.ts'
import type { AccountStore, AccountWrite, Accounts } from './store.ts'
import { makeTokenText } from './token-text.ts'

export type Grant = { readonly role: Role; readonly scope: Scope | null }
export type OidcIdentity = { readonly issuer: string; readonly subject: string }

export type UserChanges = {
  readonly role?: Role | undefined
  readonly scope?: Scope | null | undefined
  readonly disabled?: boolean | undefined
}

/** How users and tokens are made and unmade, each with its line in the audit log. All reject with AuthError. */
export type AccountEdits = {
  addUser(draft: Grant & { name: string; password: string }, who: string): Promise<User>
  /** Sessions end when somebody is disabled; another role or scope holds at once. */
  changeUser(name: string, changes: UserChanges, who: string): Promise<User>
  /** Every session of theirs ends. */
  setPassword(name: string, password: string, who: string): Promise<User>
  removeUser(name: string, who: string): Promise<void>
  /** Whoever the provider signed in: known from then on, with the role that it gives now. */
  admit(draft: Grant & OidcIdentity & { name: string }): Promise<User>
  /** The text is told once. */
  addToken(
    draft: Grant & { name: string; expiresAt: number | null },
    who: string,
  ): Promise<{ token: Token; text: string }>
  removeToken(id: string, who: string): Promise<void>
}

const MOST_USERS = 2_000
const MOST_TOKENS = 2_000
const TRIES = 5

export function createAccountEdits({
  store,
  clock,
  isAnyAdmin,
}: {
  store: Pick<AccountStore, 'read' | 'write'>
  clock: Pick<Clock, 'now'>
  /** Whether a provider makes admins, too: then the last one here may go. */
  isAnyAdmin: boolean
}): AccountEdits {
  /** Decides over what is there and writes it, anew when somebody wrote in between. */
  async function edit<T>(
    who: string,
    decide: (found: Accounts, at: number) => { result: T; write: AccountWrite | null },
  ): Promise<T> {
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await store.read()
      const at = clock.now()
      const { result, write } = decide(found, at)
      if (write === null) return result
      const by = { who, at, version: found.version }
      if ((await store.write(write, by)) === 'done') return result
    }
    throw new AuthError('conflict', 'others change users and tokens all the time: try again')
  }

  return {
    async addUser({ name, password, role, scope }, who) {
      const hash = await hashSlowly(password.normalize('NFC'))
      return edit(who, ({ users }, at) => {
        refuseTaken(users, name)
        const user = newUser({ name, role, scope }, { password: hash, oidc: null }, at)
        return { result: user, write: userWrite('user created', null, user) }
      })
    },

    changeUser: (name, changes, who) =>
      edit(who, ({ users }) => {
        const before = knownUser(users, name)
        const { role = before.role, scope = before.scope, disabled = before.disabled } = changes
        const isCutOff = disabled && !before.disabled
        const epoch = isCutOff ? randomUUID() : before.epoch
        const user = { ...before, role, scope, disabled, epoch }
        refuseLastAdmin(users, before, user)
        const isSame = JSON.stringify(user) === JSON.stringify(before)
        return { result: user, write: isSame ? null : userWrite('user changed', before, user) }
      }),

    async setPassword(name, password, who) {
      const hash = await hashSlowly(password.normalize('NFC'))
      return edit(who, ({ users }) => {
        const before = knownUser(users, name)
        if (before.oidc !== null)
          throw new AuthError(
            'conflict',
            `${name} signs in with the provider and has no password here`,
          )
        const user = { ...before, password: hash, epoch: randomUUID() }
        return { result: user, write: userWrite('user password changed', before, user) }
      })
    },

    removeUser: (name, who) =>
      edit(who, ({ users }) => {
        const before = knownUser(users, name)
        refuseLastAdmin(users, before, null)
        return { result: undefined, write: userWrite('user removed', before, null) }
      }),

    admit: ({ name, role, scope, issuer, subject }) =>
      edit(name, ({ users }, at) => {
        const before = users.get(name)
        if (before === undefined) {
          refuseTaken(users, name)
          const user = newUser(
            { name, role, scope },
            { password: null, oidc: { issuer, subject } },
            at,
          )
          return { result: user, write: userWrite('user created', null, user) }
        }
        if (before.oidc?.issuer !== issuer || before.oidc.subject !== subject)
          throw new AuthError('refused', `${name} is somebody else's name here already`)
        if (before.disabled) throw new AuthError('refused', `${name} is disabled here`)
        const user = { ...before, role, scope }
        const isSame = JSON.stringify(user) === JSON.stringify(before)
        return { result: user, write: isSame ? null : userWrite('user changed', before, user) }
      }),

    async addToken({ name, role, scope, expiresAt }, who) {
      const { id, text } = makeTokenText()
      const hash = await hashSlowly(text)
      return edit(who, ({ tokens }, at) => {
        if (expiresAt !== null && expiresAt <= at)
          throw new AuthError('invalid', 'expires_at: expected an instant that is to come')
        const other = [...tokens.values()].find((each) => each.name === name)
        if (other !== undefined)
          throw new AuthError(
            'conflict',
            `a token is called ${JSON.stringify(name)} already (${other.id})`,
          )
        if (tokens.size >= MOST_TOKENS)
          throw new AuthError('full', `no room for another token: ${MOST_TOKENS} are kept already`)
        const token = { id, name, role, scope, hash, createdAt: at, createdBy: who, expiresAt }
        const audit = { what: 'token created', before: null, after: auditedToken(token) }
        return { result: { token, text }, write: { kind: 'token', id, after: token, audit } }
      })
    },

    removeToken: (id, who) =>
      edit(who, ({ tokens }) => {
        const before = tokens.get(id)
        if (before === undefined) throw new AuthError('not-found', `no token has the id ${id}`)
        const audit = { what: 'token removed', before: auditedToken(before), after: null }
        return { result: undefined, write: { kind: 'token', id, after: null, audit } }
      }),
  }

  /** Nobody would be left to let anybody in. */
  function refuseLastAdmin(
    users: ReadonlyMap<string, User>,
    before: User,
    after: User | null,
  ): void {
    if (isAnyAdmin || !isKeeper(before) || (after !== null && isKeeper(after))) return
    if ([...users.values()].some((each) => each.name !== before.name && isKeeper(each))) return
    throw new AuthError('conflict', `${before.name} is the last admin: make another one first`)
  }
}

const isKeeper = ({ role, scope, disabled, password }: User): boolean =>
  role === 'admin' && scope === null && !disabled && password !== null

export function newUser(
  { name, role, scope }: Grant & { readonly name: string },
  signsIn: Pick<User, 'password' | 'oidc'>,
  at: number,
): User {
  return { name, role, scope, ...signsIn, disabled: false, createdAt: at, epoch: randomUUID() }
}

function refuseTaken(users: ReadonlyMap<string, User>, name: string): void {
  // Two who differ in case alone would be taken for one.
  const taken = [...users.keys()].find((each) => each.toLowerCase() === name.toLowerCase())
  if (taken !== undefined) throw new AuthError('conflict', `somebody is called ${taken} already`)
  if (users.size >= MOST_USERS)
    throw new AuthError('full', `no room for another user: ${MOST_USERS} are kept already`)
}

function knownUser(users: ReadonlyMap<string, User>, name: string): User {
  const user = users.get(name)
  if (user === undefined) throw new AuthError('not-found', `nobody is called ${name}`)
  return user
}

const userWrite = (what: string, before: User | null, after: User | null): AccountWrite => ({
  kind: 'user',
  id: before?.name ?? after?.name ?? '',
  after,
  audit: {
    what,
    before: before === null ? null : auditedUser(before),
    after: after === null ? null : auditedUser(after),
  },
})
