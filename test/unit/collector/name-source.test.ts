import { describe, expect, test } from 'vitest'
import { type Dns, openNameSource } from '../../../collector/name-source.ts'

const A = [{ address: '198.18.0.1', ttl: 60 }]
const AAAA = [{ address: '2001:db8::1', ttl: 30 }]
const SYSTEM = { address: '198.18.0.9' }

/** DNS and a system that answer as told: records, or the code of an error. */
function sourceOf(a: typeof A | string, aaaa: typeof A | string, system: typeof SYSTEM | string) {
  const asked: string[] = []
  const answer = <T>(what: string, result: T | string) => {
    asked.push(what)
    return typeof result === 'string'
      ? Promise.reject(Object.assign(new Error(result), { code: result }))
      : Promise.resolve(result)
  }
  const resolver = {
    resolve4: () => answer('A', a),
    resolve6: () => answer('AAAA', aaaa),
    cancel() {},
  }
  const dns: Dns = {
    resolver: resolver as unknown as Dns['resolver'],
    lookup: () => answer('system', system),
  }
  return { source: openNameSource(dns), asked }
}

describe('a name', () => {
  test.each([
    ['of both families: IPv4', A, AAAA, SYSTEM, '198.18.0.1', 60_000, 'dns', ['A']],
    ['without IPv4: IPv6', 'ENODATA', AAAA, SYSTEM, '2001:db8::1', 30_000, 'dns', ['A', 'AAAA']],
    [
      'that DNS has not: the system',
      'ENOTFOUND',
      'ENOTFOUND',
      SYSTEM,
      '198.18.0.9',
      60_000,
      'system',
      ['A', 'AAAA', 'system'],
    ],
  ])('%s', async (_, a, aaaa, system, address, ttlMs, from, order) => {
    const { source, asked } = sourceOf(a, aaaa, system)
    expect(await source.find('core.example.net')).toEqual({ address, ttlMs, from })
    expect(asked).toEqual(order)
  })

  test.each(['ETIMEOUT', 'ESERVFAIL', 'ECONNREFUSED'])(
    'whose IPv4 query ends with %s has no answer: nobody else is asked',
    async (code) => {
      const { source, asked } = sourceOf(code, AAAA, SYSTEM)
      await expect(source.find('core.example.net')).rejects.toThrow(code)
      expect(asked).toEqual(['A'])
    },
  )

  test('whose IPv6 query is lost has no answer', async () => {
    const { source, asked } = sourceOf('ENODATA', 'ETIMEOUT', SYSTEM)
    await expect(source.find('core.example.net')).rejects.toThrow('ETIMEOUT')
    expect(asked).toEqual(['A', 'AAAA'])
  })
})
