import { inspect } from 'node:util'
import { describe, expect, it, test } from 'vitest'
import { ConfigError, loadConfig } from '../../../lib/config/load.ts'
import { directoryWith } from './files.ts'

/** The error's text, with the directory left out of it. */
async function failure(text: string, environment: Record<string, string> = {}): Promise<string> {
  const told = await failureOrNull(text, environment)
  if (told === null) throw new Error('expected a ConfigError')
  return told
}

async function failureOrNull(
  text: string,
  environment: Record<string, string> = {},
): Promise<string | null> {
  await using directory = await directoryWith({ 'wardline.yaml': text })
  const path = directory.of('wardline.yaml')
  const error = await loadConfig(path, environment).then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error === null) return null
  if (!(error instanceof ConfigError)) throw new Error('expected a ConfigError', { cause: error })
  return String(error).replaceAll(`${directory.path}/`, '')
}

describe('each problem is one line: file, line, path, what was expected', () => {
  test.each([
    [
      'defaults:\n  ping:\n    interval: 30 sec',
      'wardline.yaml:3: defaults.ping.interval: expected a duration such as 30s, got "30 sec"',
    ],
    [
      'alerting: {interval: 30}',
      'wardline.yaml:1: alerting.interval: expected a duration with its unit, such as 30s, got "30"',
    ],
    ['\n\ninventroy: {}', 'wardline.yaml:3: inventroy: unknown key, did you mean inventory?'],
    [
      'profiles:\n  switch:\n    ping:\n      intervall: 10s',
      'wardline.yaml:4: profiles.switch.ping.intervall: unknown key, did you mean interval?',
    ],
    [
      'profiles: {switch: {type: x}}',
      'wardline.yaml:1: profiles.switch.type: unknown key, expected one of branch, region, role, vendor, model, parents, enabled, tags, ping, snmp',
    ],
    [
      'log_level: inof',
      'wardline.yaml:1: log_level: expected one of trace, debug, info, warn, error, got "inof", did you mean info?',
    ],
    ['inventory: {files: a.csv}', 'wardline.yaml:1: inventory.files: expected a list, got "a.csv"'],
    ['inventory: a.csv', 'wardline.yaml:1: inventory: expected a map of keys, got "a.csv"'],
    [
      'api: {listen: "5001"}',
      'wardline.yaml:1: api.listen: expected host:port, such as 127.0.0.1:5001, got "5001"',
    ],
    [
      'api: {listen: "127.0.0.1:70000"}',
      'wardline.yaml:1: api.listen: expected host:port, such as 127.0.0.1:5001, got "127.0.0.1:70000"',
    ],
    [
      'collector: {buffer_bytes: 1}',
      'wardline.yaml:1: collector.buffer_bytes: expected a whole number from 1048576 to 17179869184, got "1"',
    ],
    [
      'victoriametrics: {retention: 1 year}',
      'wardline.yaml:1: victoriametrics.retention: expected a retention such as 13 (months), 90d or 2y, got "1 year"',
    ],
    ...['5h', '23h', '0', '0d'].map((retention) => [
      `victoriametrics: {retention: ${retention}}`,
      `wardline.yaml:1: victoriametrics.retention: expected at least a day, such as 1d, got "${retention}"`,
    ]),
    [
      'victoriametrics: {retention: 1201}',
      'wardline.yaml:1: victoriametrics.retention: expected at most 1200 months, got "1201"',
    ],
    ...['a-b', '1a', '__name__', ''].map((name) => [
      `alerting:\n  external_labels:\n    "${name}": hq`,
      `wardline.yaml:3: alerting.external_labels.${name}: expected the name of a label: letters, digits and _, with no digit first and not __ at the start`,
    ]),
    [
      'collector:\n  listen: 127.0.0.1:5001',
      'wardline.yaml:1: api.listen: 127.0.0.1:5001 is taken by collector.listen (127.0.0.1:5001) already: `wardline up` needs a port for each',
    ],
    [
      'receivers:\n- name: a\n  send_resolved: maybe\n  webhook: {url: http://x}',
      'wardline.yaml:3: receivers[0].send_resolved: expected true or false, got "maybe"',
    ],
    [
      'receivers:\n- {name: a, webhook: {url: http://x}}\n- {name: a, webhook: {url: http://y}}',
      'wardline.yaml:3: receivers[1].name: "a" is the name of receivers[0] already',
    ],
    [
      'credentials: {core: {community: x}}',
      'wardline.yaml:1: credentials.core.version: expected one of 1, 2c, 3, got nothing',
    ],
    [
      'credentials: {core: {version: 4, community: x}}',
      'wardline.yaml:1: credentials.core.version: expected one of 1, 2c, 3, got "4"',
    ],
    ['- a', 'wardline.yaml:1: expected a map of keys such as "inventory:", got a list'],
    [
      'a: b: c',
      'wardline.yaml:1: not valid YAML here: check the colons, quotes and brackets of this line and the one above',
    ],
  ])('%j', async (text, message) => {
    expect(await failure(text)).toBe(message)
  })

  it('all of them at once, downwards', async () => {
    expect(await failure('log_level: x\napi:\n  listen: x\nbogus_key_of_mine: 1')).toBe(
      [
        'wardline.yaml:1: log_level: expected one of trace, debug, info, warn, error, got "x"',
        'wardline.yaml:3: api.listen: expected host:port, such as 127.0.0.1:5001, got "x"',
        'wardline.yaml:4: bogus_key_of_mine: unknown key, expected one of data_dir, log_level, inventory, defaults, profiles, credentials, snmp, victoriametrics, redis, collector, alerting, receivers, route, time_intervals, inhibit_rules, maintenance, api, auth, egress',
      ].join('\n'),
    )
  })
})

describe('a good configuration', () => {
  it('may be empty, or have empty sections', async () => {
    await using directory = await directoryWith({
      'a.yaml': '',
      'b.yaml': '# none\nreceivers:\nredis:\n',
    })
    const empty = await loadConfig(directory.of('a.yaml'))
    expect(empty).toMatchObject({
      data_dir: 'data',
      receivers: [],
      api: { listen: '127.0.0.1:5001' },
    })
    expect(await loadConfig(directory.of('b.yaml'))).toEqual(empty)
  })

  it('is the example', async () => {
    const environment = { SNMP_COMMUNITY: 'x', WEBHOOK_SECRET: 'y' }
    const config = await loadConfig('examples/wardline.yaml', environment)
    expect(config.receivers.map(({ name }) => name)).toEqual(['on-call', 'noc'])
    expect(config.route?.routes).toHaveLength(2)
    expect(config.maintenance.map(({ name }) => name)).toEqual(['Backup'])
  })

  it('takes a file that an editor on Windows wrote', async () => {
    await using directory = await directoryWith({
      'w.yaml': '\ufefflog_level: warn\r\nredis:\r\n  url: redis://x\r\n',
    })
    expect(await loadConfig(directory.of('w.yaml'))).toMatchObject({
      log_level: 'warn',
      redis: { url: 'redis://x' },
    })
  })
})

describe('listening addresses', () => {
  const listens = (collector: string, api: string, more = '') =>
    failureOrNull(`{collector: {listen: "${collector}"}, api: {listen: "${api}"}${more}}`)

  test.each([
    ['127.0.0.1:7000', '127.0.0.1:7000'],
    ['0.0.0.0:7000', '127.0.0.1:7000'],
    ['localhost:7000', '127.0.0.1:7000'],
    ['[::]:7000', '0.0.0.0:7000'],
    ['[::1]:7000', '[::]:7000'],
    ['127.0.0.1:8428', '127.0.0.1:7000'],
  ])('that only one can have are refused: %s and %s', async (collector, api) => {
    expect(await listens(collector, api)).toMatch(/ is taken by .* already/)
  })

  test.each([
    ['127.0.0.1:7000', '127.0.0.1:7001'],
    ['127.0.0.1:7000', '127.0.0.2:7000'],
    ['[::1]:7000', '0.0.0.0:7000'],
    ['127.0.0.1:0', '127.0.0.1:0'],
  ])('that do not meet are taken: %s and %s', async (collector, api) => {
    expect(await listens(collector, api)).toBeNull()
  })

  it('may be equal where services meet in stores elsewhere: each may have a machine of its own', async () => {
    const stores = ', victoriametrics: {url: "http://vm"}, redis: {url: "redis://r"}'
    expect(await listens('0.0.0.0:7000', '0.0.0.0:7000', stores)).toBeNull()
    const vmAlone = ', victoriametrics: {url: "http://vm"}'
    expect(await listens('127.0.0.1:8428', '127.0.0.1:7000', vmAlone)).toBeNull()
  })
})

test.each(['24h', '1d', '1', '1200', '100y'])('a retention of %s is taken', async (retention) => {
  expect(await failureOrNull(`victoriametrics: {retention: ${retention}}`)).toBeNull()
})

describe('environment and secrets (E4)', () => {
  const text = [
    'credentials:',
    '  env: {version: 2c, community: "${COMMUNITY}"}',
    '  file: {version: 2c, community: "file:secrets/community"}',
    '  plain: {version: "1", community: 12345}',
    '  user: {version: 3, user: u, auth_protocol: SHA, auth_password: "${AUTH_PASSWORD}",',
    '    priv_protocol: AES, priv_password: "file:secrets/priv"}',
    'receivers:',
    '- name: a',
    '  webhook: {url: "http://${HOST}/x?t=${TOKEN}", secret: "file:secrets/hook"}',
  ].join('\n')
  const environment = {
    COMMUNITY: `p$'"&;|\`{w}`,
    AUTH_PASSWORD: 'k3y of a',
    HOST: 'hooks',
    TOKEN: 't0ken',
  }

  it('come from variables and files as they are, shell characters and all', async () => {
    await using directory = await directoryWith({
      'wardline.yaml': text,
      'secrets/community': 'c0mm $(x)\n',
      'secrets/hook': 'line1\nline2\r\n',
      'secrets/priv': 'k3y of p\n',
    })
    const config = await loadConfig(directory.of('wardline.yaml'), environment)
    const secrets = Object.values(config.credentials).map((credential) =>
      credential.version === '3'
        ? [credential.auth_password?.reveal(), credential.priv_password?.reveal()]
        : credential.community.reveal(),
    )
    expect(secrets).toEqual([`p$'"&;|\`{w}`, 'c0mm $(x)', '12345', ['k3y of a', 'k3y of p']])
    expect(config.receivers[0]?.webhook).toMatchObject({ url: 'http://hooks/x?t=t0ken' })
    expect(config.receivers[0]?.webhook?.secret?.reveal()).toBe('line1\nline2')
    expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.toMatch(
      /c0mm|12345|line1|k3y/,
    )
  })

  test.each([
    [
      'a variable that is not set',
      'api:\n  listen: ${LISTEN}',
      'wardline.yaml:2: api.listen: the environment variable LISTEN is not set: set it before wardline starts',
    ],
    [
      'a file that is not there',
      'credentials:\n  a:\n    version: 2c\n    community: file:nowhere',
      "wardline.yaml:4: credentials.a.community: the secret's file nowhere: no such file",
    ],
    [
      'an empty secret',
      'credentials: {a: {version: 2c, community: ""}}',
      'wardline.yaml:1: credentials.a.community: expected a text that is not empty',
    ],
    [
      'a variable of the wrong kind',
      'api: {listen: "${TOKEN}"}',
      'wardline.yaml:1: api.listen: expected host:port, such as 127.0.0.1:5001, got "${TOKEN}"',
    ],
  ])('%s is told', async (_, yaml, message) => {
    expect(await failure(yaml, environment)).toBe(message)
  })

  test.each([
    'credentials: hunter2',
    'credentials: {core: hunter2}',
    'credentials: [hunter2]',
    'credentials: {core: {version: 2c, community: [hunter2]}}',
    'credentials: {core: {version: 2c, communty: hunter2}}',
    'credentials: {core: {version: 3, user: u, auth_protocol: SHA, auth_password: hunter2}}',
    'credentials: {core: {version: 3, user: u, priv_protocol: AES, priv_password: hunter22}}',
    'receivers: [hunter2]',
    'receivers: [{name: a, webhook: hunter2}]',
    'receivers: [{name: a, webhook: {url: "ftp://hunter2@x"}}]',
    'receivers: [{name: a, webhook: {url: "http://x", secret: {a: hunter2}}}]',
    'redis: {url: "http://:hunter2@x"}',
    'redis: hunter2',
    'victoriametrics: {url: "user:hunter2@x"}',
    'credentials: {core: {version: 2c, community: *hunter2}}',
    'credentials: {core: {version: 2c, community: !hunter2 x}}',
    'api: {listen: "${SECRET}"}',
    'log_level: ${SECRET}',
    'defaults: {ping: {interval: "${SECRET}"}}',
  ])('no message repeats a secret: %s', async (yaml) => {
    const message = await failure(yaml, { SECRET: 'hunter2' })
    expect(message).not.toContain('hunter2')
    expect(message).toMatch(/^wardline\.yaml:1: /)
  })
})

describe('a file that cannot be read', () => {
  it('missing: says what to do', async () => {
    const error = await loadConfig('/nowhere/wardline.yaml').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ reason: 'missing' })
    expect(String(error)).toBe(
      '/nowhere/wardline.yaml: no such file: give the path of yours, or start one from examples/wardline.yaml (three lines are enough)',
    )
  })

  it('a directory, or not UTF-8', async () => {
    await using directory = await directoryWith({
      'latin.yaml': Buffer.from('a: 1\nb: caf\xe9', 'latin1'),
    })
    await expect(loadConfig(directory.path)).rejects.toThrow('expected a file, got a directory')
    await expect(loadConfig(directory.of('latin.yaml'))).rejects.toThrow(
      'latin.yaml:2: not valid UTF-8',
    )
  })
})
