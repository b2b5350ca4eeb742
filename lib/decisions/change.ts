/** What people decide: each kind is a hash in Redis. */
export const KINDS = ['silence', 'window', 'acknowledgement'] as const
export type Kind = (typeof KINDS)[number]

export type Action = 'created' | 'changed' | 'expired' | 'removed'

/** One line of the change log: who did what when. Instants are Unix milliseconds. */
export type Change = {
  /** Of the line itself; grows with each. */
  readonly entry: string
  readonly at: number
  readonly who: string
  readonly what: `${Kind} ${Action}`
  /** Of what was changed. */
  readonly id: string
  /** As it was, and as it is since; null where it wasn't, or isn't. */
  readonly before: unknown
  readonly after: unknown
}

export type ChangeFilter = {
  readonly kind?: Kind | undefined
  readonly id?: string | undefined
  readonly who?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** The newest so many; 100 unless told. */
  readonly limit?: number | undefined
}

export const isWanted = (change: Change, { kind, id, who }: ChangeFilter): boolean =>
  (kind === undefined || change.what.startsWith(`${kind} `)) &&
  (id === undefined || change.id === id) &&
  (who === undefined || change.who === who)
