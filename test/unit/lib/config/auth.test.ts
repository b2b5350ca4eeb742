import { describe, expect, test } from 'vitest'
import { authFindings, isOpen } from '../../../../lib/config/auth.ts'
import { formatPath, validate } from '../../../../lib/config/explain.ts'
import { configSchema } from '../../../../lib/config/schema.ts'
import { isHidden } from '../../../../lib/config/secrets.ts'

const oidc = {
  issuer: 'https://id.example.net',
  client_id: 'wardline',
  client_secret: 'not to be shown',
  roles: [{ value: 'noc', role: 'operator' }],
}

/** What is wrong, by path. */
function problemsOf(config: object): Record<string, string> {
  const checked = validate(configSchema, config, { isHidden })
  const findings = checked.ok ? authFindings(checked.data) : checked.findings
  return Object.fromEntries(findings.map(({ path, message }) => [formatPath(path), message]))
}

test.each([
  ['127.0.0.1:5001', undefined, true],
  ['127.8.8.8:5001', undefined, true],
  ['localhost:5001', undefined, true],
  ['[::1]:5001', undefined, true],
  ['[::]:5001', undefined, false],
  ['0.0.0.0:5001', undefined, false],
  ['wardline.example.net:5001', undefined, false],
  ['0.0.0.0:5001', true, true],
  ['127.0.0.1:5001', false, false],
])('at %s, auth.open %s: whoever reaches it may read is %s', (listen, open, expected) => {
  const auth = open === undefined ? {} : { open }

  expect(isOpen(configSchema.parse({ api: { listen }, auth }))).toBe(expected)
})

describe('what makes no sense is named', () => {
  test.each<[string, object, string, RegExp]>([
    ['an issuer over http', { issuer: 'http://id.example.net' }, 'issuer', /https/],
    ['no roles', { roles: [] }, 'roles', /nobody could sign in/],
    ['scopes without openid', { scopes: ['profile'] }, 'scopes', /openid/],
    ['a role that there is not', { roles: [{ role: 'root' }] }, 'roles[0].role', /viewer/],
    [
      'an entry for everybody before others',
      { roles: [{ role: 'viewer' }, { value: 'noc', role: 'admin' }] },
      'roles[0]',
      /never reached/,
    ],
  ])('%s', (_what, given, path, message) => {
    const problems = problemsOf({ auth: { oidc: { ...oidc, ...given } } })

    expect(Object.keys(problems)).toEqual([`auth.oidc.${path}`])
    expect(problems[`auth.oidc.${path}`]).toMatch(message)
  })

  test('everybody as a proxy, and a session that idles longer than it lasts', () => {
    const auth = { trusted_proxies: ['0.0.0.0/0'], session: { idle: '2d', lifetime: '1d' } }

    expect(problemsOf({ auth })).toEqual({
      'auth.session.idle': expect.stringContaining('auth.session.lifetime'),
      'auth.trusted_proxies[0]': expect.stringContaining('anybody could name any address'),
    })
  })

  test('a provider that would lead people back to their own machine', () => {
    const config = { auth: { oidc }, api: { listen: '0.0.0.0:5001' } }
    const external_url = 'https://wardline.example.net'

    expect(problemsOf(config)['auth.oidc']).toContain('alerting.external_url')
    expect(problemsOf({ ...config, alerting: { external_url } })).toEqual({})
  })

  test.each([
    ['hosts', 'https://wardline.example.net', /without scheme/],
    ['hosts', 'a:5001', /without scheme and port/],
    ['trusted_proxies', 'proxy.example.net', /IP address or a network/],
  ])('%s: %s', (key, value, message) => {
    expect(problemsOf({ auth: { [key]: [value] } })[`auth.${key}[0]`]).toMatch(message)
  })
})

test('H5 the secret of the client is in no message and no text of the configuration', () => {
  const config = configSchema.parse({ auth: { oidc } })
  const wrong = problemsOf({ auth: { oidc: { ...oidc, client_secret: ['not to be shown'] } } })

  expect(JSON.stringify(config)).not.toContain('not to be shown')
  expect(Object.keys(wrong)).toEqual(['auth.oidc.client_secret'])
  expect(JSON.stringify(wrong)).not.toContain('not to be shown')
})
