import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identityOf, localPath } from '../../../../api/auth/oidc.ts'

const config = {
  name_claim: 'preferred_username',
  role_claim: 'realm.roles',
  roles: [
    { value: 'west', role: 'operator' as const, regions: ['West'], branches: [] },
    { value: 'noc', role: 'admin' as const, regions: [], branches: [] },
  ],
}
const who = { iss: 'https://id.example.net', sub: '1', preferred_username: 'nino' }

describe('what claims give', () => {
  test('the first entry that goes with them counts, also where a later one gives more', () => {
    expect(identityOf({ ...who, realm: { roles: ['noc', 'west'] } }, config)).toEqual({
      name: 'nino',
      role: 'operator',
      scope: { regions: ['West'], branches: [] },
      issuer: who.iss,
      subject: '1',
    })
  })

  test('a claim whose name has dots goes before the way along them', () => {
    const claims = { ...who, 'realm.roles': 'noc', realm: { roles: ['west'] } }

    expect(identityOf(claims, config)).toMatchObject({ role: 'admin', scope: null })
  })

  test.each<[string, object]>([
    ['no such claim', {}],
    ['a claim of another kind', { realm: 'noc' }],
    ['a role that begins the same', { realm: { roles: ['noc2', 'no'] } }],
    ['what every map has', { realm: { __proto__: { roles: 'noc' } } }],
    ['a name that could be taken for something else', { preferred_username: 'token:x' }],
    ["a name that is wardline's own", { preferred_username: 'Anybody' }],
  ])('%s lets nobody in', (_what, claims) => {
    const roles = 'preferred_username' in claims ? { realm: { roles: 'noc' } } : {}

    expect(() => identityOf({ ...who, ...roles, ...claims }, config)).toThrow(
      expect.objectContaining({ reason: 'refused' }),
    )
  })
})

test('wherever somebody wants to be led after signing in, it is a path of this page', () => {
  const start = fc.constantFrom(
    '/',
    '//',
    '/\\',
    '\\',
    'https://',
    'http:',
    '/%2f',
    '/\t/',
    'javascript:',
  )
  fc.assert(
    fc.property(start, fc.webUrl(), fc.string(), (before, url, after) => {
      for (const to of [before + url.slice(8), before + after, url + after]) {
        const path = localPath(to)
        const led = new URL(path, 'https://wardline.example.net')
        expect(led.origin).toBe('https://wardline.example.net')
      }
    }),
  )
  expect(localPath('/devices?q=a#b')).toBe('/devices?q=a#b')
})
