import { expect, test } from 'vitest'
import { RedisUrlError, readRedisUrl } from '../../../../lib/redis/url.ts'

const sentinel = (fields: object) => ({
  kind: 'sentinel',
  master: 'mymaster',
  sentinels: [{ host: 'a', port: 26_379 }],
  username: undefined,
  password: undefined,
  sentinelUsername: undefined,
  sentinelPassword: undefined,
  db: 0,
  tls: false,
  ...fields,
})

test.each([
  ['unix:///run/redis.sock', { kind: 'socket', path: '/run/redis.sock' }],
  ['redis://h:1/2', { kind: 'server', url: 'redis://h:1/2' }],
  ['rediss://u:p@h', { kind: 'server', url: 'rediss://u:p@h' }],
  ['redis+sentinel://a/mymaster', sentinel({})],
  [
    'rediss+sentinel://u:p%40ss@a:1,[2001:db8::1]:2,b/mymaster/3',
    sentinel({
      sentinels: [
        { host: 'a', port: 1 },
        { host: '2001:db8::1', port: 2 },
        { host: 'b', port: 26_379 },
      ],
      username: 'u',
      password: 'p@ss',
      db: 3,
      tls: true,
    }),
  ],
  [
    'redis+sentinel://:p@a/mymaster?sentinel_username=su&sentinel_password=sp%26',
    sentinel({ password: 'p', sentinelUsername: 'su', sentinelPassword: 'sp&' }),
  ],
])('%s', (url, place) => {
  expect(readRedisUrl(url)).toEqual(place)
})

test.each([
  ['http://h', /expected a redis:\/\//],
  ['redis://', /expected a redis:\/\//],
  ['redis+sentinel://a', /name of the master/],
  ['redis+sentinel://a:99999/m', /host:port/],
  ['redis+sentinel://a,,b/m', /host:port/],
  ['redis+sentinel://a/m/x', /number of a database/],
  ['redis+sentinel://a/m?pasword=secret', /sentinel_password/],
  ['redis+sentinel://u:%zz-secret@a/m', /%25/],
])('%s is refused in words that repeat nothing of it', (url, says) => {
  expect(() => readRedisUrl(url)).toThrow(RedisUrlError)
  expect(() => readRedisUrl(url)).toThrow(says)
  expect(() => readRedisUrl(url)).not.toThrow(/secret/)
})
