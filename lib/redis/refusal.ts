/** Why a command of Redis failed, in words for a person that follow "Redis can't be asked: " or stand alone. */
export function whyNot(error: unknown): string {
  const { message } = error as Error
  return REASONS.find(({ says }) => says.test(message))?.means ?? message
}

export const TOO_SLOW = 'it does not answer in time'
export const FULL = 'it is full: give it more memory (maxmemory), nothing new is kept until then'

/** Whether Redis answers and gives, but takes nothing. */
export const isRefusedWrite = (error: unknown): boolean =>
  REASONS.some(({ says, takesNone }) => takesNone === true && says.test((error as Error).message))

/** Whether it isn't known if the command was done: it may be done yet. */
export const isDoubtful = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Command timed out'

const REASONS: readonly {
  readonly says: RegExp
  readonly means: string
  readonly takesNone?: boolean
}[] = [
  // ioredis' ways to say that there is no connection.
  { says: /^(Stream isn't writeable|Connection is closed)/, means: 'it is away' },
  { says: /^Command timed out/, means: TOO_SLOW },
  { says: /\bOOM command not allowed/, means: FULL, takesNone: true },
  {
    says: /\bMISCONF\b/,
    means: 'it takes no writes, as it can not write its file: look at its log and its disk',
    takesNone: true,
  },
  {
    says: /\bREADONLY\b/,
    means: 'it is a replica, which takes no writes: redis.url must lead to the master',
    takesNone: true,
  },
  { says: /\bNOREPLICAS\b/, means: 'it takes no writes without its replicas', takesNone: true },
  {
    says: /\b(MOVED|ASK|CROSSSLOT|CLUSTERDOWN)\b/,
    means:
      'it is a Redis Cluster, which wardline does not support: use one Redis, or several with Sentinel',
    takesNone: true,
  },
  { says: /^(NOAUTH|WRONGPASS)\b/, means: 'it wants another password: check redis.url' },
  { says: /^LOADING\b/, means: 'it still reads its file' },
]
