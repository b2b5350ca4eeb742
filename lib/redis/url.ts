/** Where Redis is, as `redis.url` says it. */
export type RedisPlace =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'server'; readonly url: string }
  | SentinelPlace

/** A master that sentinels watch: it is wherever they say. */
export type SentinelPlace = {
  readonly kind: 'sentinel'
  readonly master: string
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  /** Of master and replicas; what the sentinels themselves ask for stands in the query. */
  readonly username: string | undefined
  readonly password: string | undefined
  readonly sentinelUsername: string | undefined
  readonly sentinelPassword: string | undefined
  readonly db: number
  readonly tls: boolean
}

/** A URL that can't be meant. The message says what was expected and holds nothing of the URL: it has passwords. */
export class RedisUrlError extends Error {
  override readonly name = 'RedisUrlError'
}

export const URL_EXPECTED =
  'expected a redis://, rediss:// or unix:// URL, or redis+sentinel://host:26379,host:26379/master'
const SENTINEL_PORT = 26_379
const SENTINEL =
  /^redis(s?)\+sentinel:\/\/(?:([^@/]*)@)?([^@/?#]*)(?:\/([^/?#]*))?(?:\/([^?#]*))?(?:\?(.*))?$/
const HOST = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/i

/** Throws RedisUrlError. */
export function readRedisUrl(url: string): RedisPlace {
  if (/^rediss?\+sentinel:/.test(url)) return readSentinels(url)
  if (/^unix:\/\/./.test(url)) return { kind: 'socket', path: url.slice('unix://'.length) }
  if (!/^rediss?:\/\/./.test(url) || !URL.canParse(url)) throw new RedisUrlError(URL_EXPECTED)
  return { kind: 'server', url }
}

function readSentinels(url: string): SentinelPlace {
  const match = SENTINEL.exec(url)
  if (match === null) throw new RedisUrlError(URL_EXPECTED)
  const [, secure, credentials, hosts = '', master = '', db = '', query = ''] = match
  if (master === '')
    throw new RedisUrlError(
      'expected the name of the master that the sentinels watch behind them, as in redis+sentinel://host:26379/mymaster',
    )
  if (!/^\d{0,4}$/.test(db))
    throw new RedisUrlError('expected the number of a database behind the name of the master')
  return {
    kind: 'sentinel',
    master: decoded(master),
    sentinels: hosts.split(',').map(readHost),
    ...readCredentials(credentials),
    ...readQuery(query),
    db: Number(db),
    tls: secure === 's',
  }
}

function readHost(text: string): SentinelPlace['sentinels'][number] {
  const [, address, name, port] = HOST.exec(text) ?? []
  const host = address ?? name
  const number = port === undefined ? SENTINEL_PORT : Number(port)
  if (host === undefined || number < 1 || number > 65_535)
    throw new RedisUrlError(
      'expected sentinels as host:port, with a comma between them, such as redis+sentinel://a:26379,b:26379/mymaster',
    )
  return { host, port: number }
}

function readCredentials(text: string | undefined): Pick<SentinelPlace, 'username' | 'password'> {
  if (text === undefined) return { username: undefined, password: undefined }
  const [, username = '', password] = /^([^:]*)(?::(.*))?$/.exec(text) ?? []
  // As in redis://: a word alone is a user, and `:word` a password.
  return {
    username: username === '' ? undefined : decoded(username),
    password: password === undefined ? undefined : decoded(password),
  }
}

const OPTIONS = ['sentinel_username', 'sentinel_password']

function readQuery(text: string): Pick<SentinelPlace, 'sentinelUsername' | 'sentinelPassword'> {
  const query = new URLSearchParams(text)
  if ([...query.keys()].some((key) => !OPTIONS.includes(key)))
    throw new RedisUrlError(`expected no other options behind the ? than ${OPTIONS.join(' and ')}`)
  return {
    sentinelUsername: query.get('sentinel_username') ?? undefined,
    sentinelPassword: query.get('sentinel_password') ?? undefined,
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RedisUrlError('expected % in names and passwords as %25')
  }
}
