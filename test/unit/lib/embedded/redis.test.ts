import { describe, expect, test } from 'vitest'
import { redisArgs, redisLevel, socketPath } from '../../../../lib/embedded/redis.ts'

test('Redis opens no port, keeps everything on disk and evicts nothing', () => {
  const args = redisArgs({ directory: '/d', socket: '/d/redis.sock' }).join(' ')
  expect(args).toContain('--port 0 ')
  expect(args).toContain('--appendonly yes')
  expect(args).toContain('--maxmemory-policy noeviction')
})

describe('the socket', () => {
  test('lies beside the data', () => {
    expect(socketPath('/srv/wardline/redis')).toBe('/srv/wardline/redis/redis.sock')
  })

  test.each([
    ['107 bytes fit', '/'.padEnd(107 - '/redis.sock'.length, 'x'), true],
    ['108 bytes do not', '/'.padEnd(108 - '/redis.sock'.length, 'x'), false],
    ['bytes count, not letters', '/' + 'ქ'.repeat(40), false],
  ])('moves to the temporary directory when its path is too long: %s', (_, directory, fits) => {
    const path = socketPath(directory, '/tmp')
    expect(path.startsWith(directory)).toBe(fits)
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(107)
  })

  test('has a place of its own for each data directory', () => {
    const long = '/'.padEnd(200, 'x')
    expect(socketPath(`${long}/a`)).not.toBe(socketPath(`${long}/b`))
  })
})

test.each([
  ['1:M 22 Nov 2026 07:00:00.000 # Server initialized', 'debug'],
  ['1:M 22 Nov 2026 07:00:00.000 # WARNING Memory overcommit must be enabled! … may fail', 'debug'],
  ["1:M 22 Nov 2026 07:00:00.000 # Can't save in background: fork: Out of memory", 'warn'],
  [
    '1:M 22 Nov 2026 07:00:00.000 # Bad file format reading the append only file: truncated',
    'warn',
  ],
])('a line of Redis is logged at the level it deserves: %s', (line, level) => {
  expect(redisLevel(line)).toBe(level)
})
