import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseSnmpYml } from '../../../../../collector/snmp/snmp-yml/load.ts'
import { ConfigError } from '../../../../../lib/config/problem.ts'

const FIXTURES = join(import.meta.dirname, '../../../../fixtures/snmp')
const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8')

/** The lines of what is wrong with a file. */
function problemsOf(text: string): string[] {
  try {
    parseSnmpYml(text, 'snmp.yml')
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return []
}

/** A module of one metric, in the format of v0.21. */
const withMetric = (lines: string, rest = ''): string =>
  `mine:
  walk: [1.3.6.1.2.1.2]
  metrics:
    - name: ifInOctets
      oid: 1.3.6.1.2.1.2.2.1.10
${lines.replace(/^/gm, '      ')}
${rest}`

describe('snmp.yml of both formats', () => {
  test('gives the same modules', () => {
    const split = fixture('split.yml')
    const { modules } = parseSnmpYml(split, 'split.yml')
    const old = split.slice(split.indexOf('modules:\n') + 9).replace(/^ {2}/gm, '')
    expect(parseSnmpYml(old, 'old.yml').modules).toEqual(modules)
    expect(modules).toEqual([
      {
        name: 'interfaces',
        walk: ['1.3.6.1.2.1.2.2.1.8'],
        get: ['1.3.6.1.2.1.1.3.0'],
        metrics: [
          {
            name: 'sysUpTime',
            oid: '1.3.6.1.2.1.1.3',
            type: 'gauge',
            help: 'Hundredths of a second',
          },
          {
            name: 'ifOperStatus',
            oid: '1.3.6.1.2.1.2.2.1.8',
            type: 'EnumAsStateSet',
            help: 'What it is',
            indexes: [{ labelName: 'ifIndex', type: 'gauge', fixedSize: null, implied: false }],
            lookups: [
              {
                labels: ['ifIndex'],
                labelName: 'ifName',
                oid: '1.3.6.1.2.1.31.1.1.1.1',
                type: 'DisplayString',
              },
              { labels: [], labelName: 'ifIndex', oid: null, type: '' },
            ],
            enumValues: { 1: 'up', 2: 'down' },
          },
        ],
        filters: [],
        settings: {
          maxRepetitions: 10,
          retries: 0,
          timeoutMs: 2_000,
          allowNonIncreasingOids: true,
          anySource: true,
        },
        texts: [],
      },
    ])
  })

  test('gives credentials: of an auth by its name, of a module with its own by the module’s', () => {
    const { credentials } = parseSnmpYml(fixture('split.yml'), 'split.yml')
    const { public_v2: community, core: user } = credentials
    expect(community).toMatchObject({ version: '2c' })
    expect(community?.version === '2c' && community.community.reveal()).toBe('public')
    expect(user).toMatchObject({
      version: '3',
      user: 'monitor',
      auth_protocol: 'SHA256',
      priv_protocol: 'AES',
      context: 'vrf-1',
    })
    expect(user?.version === '3' && user.auth_password?.reveal()).toBe('maplesyrup')
    expect(user?.version === '3' && user.priv_password?.reveal()).toBe('pancakes!')
    expect(JSON.stringify(credentials)).not.toContain('maplesyrup')

    const old = parseSnmpYml(
      [
        'none: {walk: [1.3]}',
        'first: {walk: [1.3], version: 1}',
        'second: {walk: [1.3], auth: {community: 4711}}',
        'third: {version: 3, auth: {username: u, security_level: authNoPriv, password: longenough}}',
        'fourth: {version: 3, auth: {username: u, password: x}}',
      ].join('\n'),
      'old.yml',
    ).credentials
    expect(Object.keys(old)).toEqual(['first', 'second', 'third', 'fourth'])
    expect(old['first']).toMatchObject({ version: '1' })
    expect(old['second']?.version === '2c' && old['second'].community.reveal()).toBe('4711')
    expect(old['third']).toMatchObject({ version: '3', auth_protocol: 'MD5' })
    expect(old['fourth']).toEqual({ version: '3', user: 'u' })
  })

  test('has OIDs as agents write them, however they stand in the file', () => {
    const { modules } = parseSnmpYml(
      withMetric('type: counter').replaceAll('1.3.6.1.2.1.2', '.1.3.06.1.2.1.002'),
      'snmp.yml',
    )
    expect(modules).toMatchObject([
      { walk: ['1.3.6.1.2.1.2'], metrics: [{ oid: '1.3.6.1.2.1.2.2.1.10' }] },
    ])
  })

  test('keeps what newer versions know', () => {
    const {
      modules: [module],
    } = parseSnmpYml(
      `modules:
  new:
    walk: [.1.3.6.1.2.1.2, 1.3.6.1.2.1.31]
    max_repetitions: 0
    filters:
      - {oid: 1.3.6.1.2.1.2.2.1.2, targets: [1.3.6.1.2.1.2.2.1.10], values: ["^Gi", "Te"]}
    metrics:
      - name: date
        oid: .1.3.6.1.2.1.2.1
        type: ParseDateAndTime
        datetime_pattern: "%Y-%m-%d"
        scale: 0.001
        offset: -1
        display_hint: 1d.
        regex_extracts: {Temp: [{regex: "([[:digit:]]+)C"}]}
        indexes: [{labelname: a, type: DisplayString, fixed_size: 4, enum_values: {1: on}}, {labelname: b, type: OctetString, implied: true}]
`,
      'new.yml',
    )
    const [metric] = module?.metrics ?? []
    expect(module).toMatchObject({
      walk: ['1.3.6.1.2.1.2', '1.3.6.1.2.1.31'],
      filters: [{ values: [{ source: '^Gi' }, { source: 'Te' }] }],
      settings: { maxRepetitions: null, retries: null },
    })
    expect(metric).toMatchObject({
      oid: '1.3.6.1.2.1.2.1',
      scale: 0.001,
      offset: -1,
      displayHint: '1d.',
      dateTimePattern: '%Y-%m-%d',
      indexes: [{ fixedSize: 4, enumValues: { 1: 'on' } }, { implied: true }],
    })
    const [extract] = metric?.regexExtracts?.['Temp'] ?? []
    expect(extract?.value).toBe('$1')
    expect(extract?.regex.exec('21C')?.[1]).toBe('21')
    expect(extract?.regex.test('x 21C')).toBe(false)
  })
})

describe('what is wrong is named, with its line and what was expected', () => {
  test.each([
    [
      'an empty file',
      '',
      ['snmp.yml:1: expected modules of snmp_exporter by their names, got nothing'],
    ],
    ['a list', '- a', ['snmp.yml:1: expected modules of snmp_exporter by their names, got a list']],
    [
      'an unknown key of a module',
      'mine:\n  walks: [1.3]',
      ['snmp.yml:2: mine.walks: unknown key, did you mean walk?'],
    ],
    [
      'credentials in a module of the newer format',
      'modules:\n  mine:\n    walk: [1.3]\n    version: 2',
      [/^snmp\.yml:4: modules\.mine\.version: unknown key, expected one of walk, get, metrics/],
    ],
    [
      'an unknown key at the top',
      'modules: {}\nauth: {}',
      ['snmp.yml:2: auth: unknown key, did you mean auths?'],
    ],
    [
      'OIDs that are none',
      'mine:\n  walk: [ifTable, 1..3, 1.3.4294967296]\n  get: [3.1]',
      [
        'snmp.yml:2: mine.walk[0]: expected an OID such as 1.3.6.1.2.1.1.3, got "ifTable"',
        'snmp.yml:2: mine.walk[1]: expected an OID such as 1.3.6.1.2.1.1.3, got "1..3"',
        'snmp.yml:2: mine.walk[2]: expected an OID such as 1.3.6.1.2.1.1.3, got "1.3.4294967296"',
        'snmp.yml:3: mine.get[0]: expected an OID such as 1.3.6.1.2.1.1.3, got "3.1"',
      ],
    ],
    [
      'an unknown type',
      withMetric('type: guage'),
      [
        /^snmp\.yml:6: mine\.metrics\[0\]\.type: expected one of .*, got "guage", did you mean gauge\?$/,
      ],
    ],
    [
      'an index that can’t be one',
      withMetric('type: gauge\nindexes: [{labelname: a, type: Float}]'),
      [/^snmp\.yml:7: mine\.metrics\[0\]\.indexes\[0\]\.type: expected one of .*, got "Float"/],
    ],
    [
      'an implied index that isn’t the last',
      withMetric(
        'type: gauge\nindexes:\n  - {labelname: a, type: DisplayString, implied: true}\n  - {labelname: b, type: gauge}',
      ),
      [
        'snmp.yml:8: mine.metrics[0].indexes[0].implied: expected implied at the last index alone: nothing says where this one ends',
      ],
    ],
    [
      'a broken regular expression',
      withMetric('type: DisplayString\nregex_extracts: {A: [{regex: "(a"}]}'),
      [
        /^snmp\.yml:7: mine\.metrics\[0\]\.regex_extracts\.A\[0\]\.regex: expected a regular expression of Go's syntax \(.*\), got "\(a"$/,
      ],
    ],
    [
      'a lookup by a label that nothing gives',
      withMetric(
        'type: gauge\nindexes: [{labelname: ifIndex, type: gauge}]\nlookups:\n  - {labels: [ifIdnex], labelname: ifName, oid: 1.3.6.1.2.1.31.1.1.1.1, type: DisplayString}\n  - {labels: [ifName], labelname: x, type: gauge}',
      ),
      [
        'snmp.yml:9: mine.metrics[0].lookups[0].labels[0]: no index or earlier lookup gives the label ifIdnex, did you mean ifIndex?',
        'snmp.yml:10: mine.metrics[0].lookups[1]: expected oid: the column that x is looked up in',
      ],
    ],
    [
      'a metric that nothing reads',
      'mine:\n  walk: [1.3.6.1.2.1.3]\n  get: [1.3.6.1.2.1.2.2.1.100.0]\n  metrics:\n    - {name: a, oid: 1.3.6.1.2.1.2.2.1.10, type: gauge}',
      [
        'snmp.yml:5: mine.metrics[0].oid: nothing in walk or get reads a (1.3.6.1.2.1.2.2.1.10): add its OID, or take the metric out',
      ],
    ],
    [
      'a date without its pattern, and one with a wrong pattern',
      withMetric(
        'type: ParseDateAndTime',
        withMetric('type: ParseDateAndTime\ndatetime_pattern: "%q"').replace('mine', 'other'),
      ),
      [
        'snmp.yml:6: mine.metrics[0].type: expected datetime_pattern beside type ParseDateAndTime, such as "%Y-%m-%d %H:%M:%S"',
        'snmp.yml:13: other.metrics[0].datetime_pattern: expected directives of strptime, got %q',
      ],
    ],
    [
      'a timeout without its unit',
      'mine:\n  timeout: 5\n  retries: many\n  max_repetitions: -1',
      [
        'snmp.yml:2: mine.timeout: expected a duration with its unit, such as 5s, got "5"',
        'snmp.yml:3: mine.retries: expected a whole number from 0 to 100, got "many"',
        'snmp.yml:4: mine.max_repetitions: expected a whole number from 0 to 2147483647, got "-1"',
      ],
    ],
    [
      'names and numbers',
      withMetric('type: gauge\nscale: ten\nenum_values: {up: 1}').replace('ifInOctets', 'if-in'),
      [
        'snmp.yml:4: mine.metrics[0].name: expected the name of a metric: letters, digits, _ and :, with no digit first, got "if-in"',
        'snmp.yml:7: mine.metrics[0].scale: expected a number, got "ten"',
        'snmp.yml:8: mine.metrics[0].enum_values.up: expected whole numbers as keys',
      ],
    ],
  ] as const)('%s', (_what, text, problems) => {
    const found = problemsOf(text)
    expect(found).toHaveLength(problems.length)
    for (const [i, problem] of problems.entries()) {
      if (typeof problem === 'string') expect(found[i]).toBe(problem)
      else expect(found[i]).toMatch(problem)
    }
  })

  test('all of it at once, and no secret among it', () => {
    const found = problemsOf(
      `auths:
  a: {community: [hush]}
  b: {version: 3, username: u, security_level: authPriv, password: hush, auth_protocol: MD6, priv_protocol: AES192, priv_password: hush-hush}
  c: {version: 4, comunity: hush}
  d: {version: 3, security_level: hush}
  e: hush
modules:
  mine: {walk: [x], metrics: [{name: a, oid: 1.3, type: gauge}]}
`,
    )
    const paths = found.map((line) => line.split(': ').slice(0, 2).join(': '))
    expect(paths).toEqual([
      'snmp.yml:2: auths.a.community',
      'snmp.yml:3: auths.b.auth_protocol',
      'snmp.yml:3: auths.b.password',
      'snmp.yml:3: auths.b.priv_protocol',
      'snmp.yml:4: auths.c.version',
      'snmp.yml:4: auths.c.comunity',
      'snmp.yml:5: auths.d.security_level',
      'snmp.yml:6: auths.e',
      'snmp.yml:8: modules.mine.walk[0]',
    ])
    expect(found.filter((line) => !line.includes('security_level')).join('\n')).not.toContain(
      'hush',
    )
  })
})
