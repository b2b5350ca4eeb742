import { describe, expect, it, test } from 'vitest'
import { formatProblem } from '../../../../lib/config/problem.ts'
import { defaultsSchema, profileSchema } from '../../../../lib/config/schema.ts'
import { readDevices } from '../../../../lib/inventory/formats.ts'
import { parseInventory } from '../../../../lib/inventory/parse.ts'

type Settings = {
  defaults?: object
  profiles?: Record<string, object>
  credentials?: string[]
  running?: string[]
}

function parse(files: Record<string, string>, settings: Settings = {}) {
  const { defaults = {}, profiles = {}, credentials = [], running } = settings
  return parseInventory(
    Object.entries(files).map(([file, text]) => readDevices(file, text)),
    {
      defaults: defaultsSchema.parse(defaults),
      profiles: Object.fromEntries(
        Object.entries(profiles).map(([type, profile]) => [type, profileSchema.parse(profile)]),
      ),
      credentials,
      ...(running && { runningCredentials: running }),
      snmpModules: ['system', 'if_mib'],
      configFile: 'wardline.yaml',
      line: () => 7,
    },
  )
}

const problemsOf = (yaml: string, settings?: Settings) =>
  parse({ 'd.yaml': yaml }, settings).problems.map(formatProblem)
const noticesOf = (yaml: string, settings?: Settings) =>
  parse({ 'd.yaml': yaml }, settings).notices.map(formatProblem)

it('gives the devices of all files in their order', () => {
  const { inventory, problems } = parse({
    'z.csv': 'id,address\nb,10.0.0.1\na,10.0.0.2',
    'a.json': '[{"id": 7, "address": "10.0.0.3"}]',
    'm.yaml': '- {id: 1, address: 10.0.0.4}',
  })
  expect(problems).toEqual([])
  expect([...inventory.keys()]).toEqual(['b', 'a', '7', '1'])
})

describe('each problem names file, line, device and what was expected', () => {
  const ok = 'id: a, address: 10.0.0.1'
  test.each([
    ['- {address: 10.0.0.1}', 'd.yaml:1: device #1: id: expected a text, got nothing'],
    ['- {id: "", address: 10.0.0.1}', 'd.yaml:1: device #1: id: expected an id, got nothing'],
    ...['.', '..'].map((id) => [
      `- {id: ${id}, address: 10.0.0.1}`,
      `d.yaml:1: device ${id}: id: expected an id that can stand in a page's address, which . and .. can't, got "${id}"`,
    ]),
    ['- {id: a}', 'd.yaml:1: device a: address: expected a text, got nothing'],
    ['- just text', 'd.yaml:1: device #1: expected a map of keys, got "just text"'],
    [
      '- id: a\n  address: 10.0.0.1 -',
      'd.yaml:2: device a: address: expected an IP address or a host name, got "10.0.0.1 -", did you mean 10.0.0.1?',
    ],
    [`- {${ok}, adress: x}`, 'd.yaml:1: device a: adress: unknown key, did you mean address?'],
    [
      `- {${ok}, ping: {retries: 1}}`,
      'd.yaml:1: device a: ping.retries: unknown key, expected one of interval, count, timeout, confirm',
    ],
    [
      `- ${ok.replace(', ', '\n  ')}\n  ping:\n    interval: 30 sec`,
      'd.yaml:4: device a: ping.interval: expected a duration such as 30s, got "30 sec"',
    ],
    [
      `- {${ok}, ping: {count: 21}}`,
      'd.yaml:1: device a: ping.count: expected a whole number from 1 to 20, got "21"',
    ],
    [`- {${ok}, ping: 10s}`, 'd.yaml:1: device a: ping: expected a map of keys, got "10s"'],
    [
      `- {${ok}, enabled: maybe}`,
      'd.yaml:1: device a: enabled: expected true or false, got "maybe"',
    ],
    [`- {${ok}, parents: b}`, 'd.yaml:1: device a: parents: expected a list, got "b"'],
    [
      `- {${ok}, snmp: maybe}`,
      'd.yaml:1: device a: snmp: expected a map of keys or true or false, got "maybe"',
    ],
    [
      `- {${ok}, snmp: {community: public}}`,
      'd.yaml:1: device a: snmp.community: unknown key, expected one of modules, credentials, port, interval, timeout',
    ],
    [
      `- {${ok}, snmp: {credentials: []}}`,
      'd.yaml:1: device a: snmp.credentials: expected at least one name of credentials, got a list',
    ],
    [`- {${ok}, name: {a: b}}`, 'd.yaml:1: device a: name: expected a text, got a map of keys'],
    [
      `- {${ok}, ping: {count: 5, timeout: 3s}}`,
      'd.yaml:1: device a: ping: count × timeout must fit in the interval: 5 × 3s is more than 10s',
    ],
    [
      `- {${ok}, parents: [a]}`,
      "d.yaml:1: device a: parents: a device can't be behind itself: a → a",
    ],
    [
      `- {${ok}, parents: [core-1]}\n- {id: core-2, address: x}`,
      'd.yaml:1: device a: parents: no device has the id "core-1", did you mean core-2?',
    ],
    [
      `- {${ok}, parents: [p;q]}`,
      'd.yaml:1: device a: parents: no device has the id "p;q": in CSV, separate several with |',
    ],
  ])('%j', (yaml, problem) => {
    expect(problemsOf(yaml)).toEqual([problem])
  })

  const credentials = ['core', 'access']
  test.each([
    [
      '{credentials: [cor]}',
      'd.yaml:2: device a: snmp.credentials: no credentials have the name "cor", did you mean core?',
    ],
    [
      '{credentials: [core, public]}',
      'd.yaml:2: device a: snmp.credentials: no credentials have the name "public", expected one of core, access',
    ],
    [
      '{modules: [if-mib]}',
      'd.yaml:2: device a: snmp.modules: unknown module "if-mib", did you mean if_mib?',
    ],
    [
      '{credentials: [core], interval: 5s}',
      'd.yaml:2: device a: snmp: the timeout must fit in the interval: 10s is more than 5s',
    ],
  ])('snmp: %s', (snmp, problem) => {
    const yaml = `- {id: a, address: 10.0.0.1,\n   snmp: ${snmp}}`
    expect(problemsOf(yaml, { credentials })).toEqual([problem])
  })
})

it('two devices with one id are an error that names both places', () => {
  const { problems } = parse({
    'a.csv': 'id,address\nx,10.0.0.1\nsw-1,10.0.0.2',
    'b.yaml': '- address: 10.0.0.3\n  id: sw-1\n- {id: sw-1, address: 10.0.0.4}',
  })
  expect(problems.map(formatProblem)).toEqual([
    'b.yaml:2: device sw-1: id: the id is taken already at a.csv:3: give each device its own',
    'b.yaml:3: device sw-1: id: the id is taken already at a.csv:3: give each device its own',
  ])
})

it('every problem of every file is told, in the order of the files', () => {
  const { problems } = parse({
    'a.yaml': '- {id: a, address: 10.0.0.1, parents: [nobody]}\n- {id: b, adress: x}',
    'b.csv': 'id,address\nc,10.0.0',
    'c.json': '[',
  })
  expect(problems.map(({ file, line, path }) => `${file}:${line} ${path}`)).toEqual([
    'a.yaml:1 parents',
    'a.yaml:2 address',
    'a.yaml:2 adress',
    'b.csv:2 address',
    'c.json:1 undefined',
  ])
})

it('a device that is wrong elsewhere still counts as a parent', () => {
  const yaml =
    '- {id: core, address: 10.0.0.1, type: [x]}\n- {id: a, address: 10.0.0.2, parents: [core]}'
  expect(problemsOf(yaml)).toEqual(['d.yaml:1: device core: type: expected a text, got a list'])
})

describe('a circle of parents', () => {
  it('is named once, from its first device on', () => {
    const yaml = [
      '- {id: leaf, address: x, parents: [a]}',
      '- {id: a, address: x, parents: [ok, b]}',
      '- {id: b, address: x, parents: [c]}',
      '- {id: c, address: x, parents: [a]}',
      '- {id: ok, address: x}',
    ].join('\n')
    expect(problemsOf(yaml)).toEqual([
      "d.yaml:2: device a: parents: a device can't be behind itself: a → b → c → a",
    ])
  })

  it('is not seen in a diamond, nor in a chain of 10,000', () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => ({
      id: `d${i}`,
      address: 'x',
      parents: i === 9_999 ? [] : [`d${i + 1}`, 'd9999'].slice(0, i === 9_998 ? 1 : 2),
    }))
    expect(parse({ 'd.json': JSON.stringify(chain) }).problems).toEqual([])
  })
})

describe('what devices inherit is told once, at its place in the configuration', () => {
  const fleet = Array.from({ length: 5 }, (_, i) => `- {id: d${i}, address: h${i}, type: sw}`).join(
    '\n',
  )

  it('a contradiction', () => {
    const settings = { profiles: { sw: { ping: { count: 20 } } } }
    expect(problemsOf(fleet, settings)).toEqual([
      'wardline.yaml:7: profiles.sw.ping: count × timeout must fit in the interval: 20 × 1s is more than 10s',
    ])
  })

  it('unknown credentials', () => {
    const settings = { defaults: { snmp: { credentials: ['x'] } } }
    expect(problemsOf(fleet, settings)).toEqual([
      'wardline.yaml:7: defaults.snmp.credentials: no credentials have the name "x": there are none in the configuration',
    ])
  })

  it('credentials that the running process does not know yet', () => {
    const settings = {
      defaults: { snmp: { credentials: ['old', 'new'] } },
      credentials: ['old', 'new'],
      running: ['old'],
    }
    expect(problemsOf(fleet, settings)).toEqual([
      'wardline.yaml:7: defaults.snmp.credentials: the credentials "new" were added after the start: restart wardline to use them',
    ])
  })
})

describe('allowed, and reported', () => {
  it('10 shared addresses and 98 shared names: each device stays itself (F5)', () => {
    const rows = ['id,address,name']
    for (let i = 0; i < 300; i++) {
      rows.push(
        `d${i},10.0.${i < 20 ? 9 : i >> 6}.${i < 20 ? i % 10 : i % 64},name ${i < 196 ? i % 98 : i}`,
      )
    }
    const { inventory, problems, notices } = parse({ 'd.csv': rows.join('\n') })
    expect(problems).toEqual([])
    expect(inventory.size).toBe(300)
    const kinds = Map.groupBy(notices, ({ kind }) => kind)
    expect(kinds.get('shared-address')).toHaveLength(10)
    expect(kinds.get('shared-name')).toHaveLength(98)
    expect(kinds.get('shared-address')?.[0]?.devices).toEqual(['d0', 'd10'])
  })

  test.each([
    [
      '- {id: a, address: 10.0.0.1}\n- {id: b, address: 10.0.0.1}',
      'd.yaml:1: address: "10.0.0.1" is shared by 2 devices: a, b',
    ],
    [
      '- {id: a, address: "2001:db8::1"}\n- {id: b, address: "2001:DB8:0::1"}',
      'd.yaml:1: address: "2001:db8::1" is shared by 2 devices: a, b',
    ],
    [
      '- {id: a, address: x, name: N}\n- {id: b, address: y, name: N}',
      'd.yaml:1: name: "N" is shared by 2 devices: a, b',
    ],
    ['- {id: a, address: x, name: Switch -}', 'd.yaml:1: device a: name: "Switch -" ends in " -"'],
    [
      '- {id: a, address: x, name: "two  spaces"}',
      'd.yaml:1: device a: name: "two  spaces" has several spaces in a row',
    ],
    [
      '- {id: a, address: 10.0.0.1, name: R 10.0.0.1}',
      'd.yaml:1: device a: name: "R 10.0.0.1" holds its address',
    ],
    [
      '- {id: a, address: 10.0.0.1,\n   name: "- 10.0.0.2 -"}',
      'd.yaml:2: device a: name: "- 10.0.0.2 -" ends in " -", begins with "- ", holds 10.0.0.2, but its address is 10.0.0.1',
    ],
    [
      '- {id: a, address: x, branch: Kutaisi 2}\n- {id: b, address: y, branch: Kutaisi 2}\n- {id: c, address: z, branch: kutaisi-2}',
      'd.yaml:3: branch: one branch in 2 spellings? "Kutaisi 2" (2), "kutaisi-2" (1)',
    ],
    [
      '- {id: a, address: x, snmp: {port: 1161}}',
      'd.yaml:1: device a: snmp: not polled: neither the device nor its profile nor defaults name credentials',
    ],
  ])('%j', (yaml, notice) => {
    expect(parse({ 'd.yaml': yaml }).problems).toEqual([])
    expect(noticesOf(yaml)).toEqual([notice])
  })

  it('a profile that no device uses', () => {
    expect(noticesOf('- {id: a, address: x, type: switch}', { profiles: { swich: {} } })).toEqual([
      'wardline.yaml:7: profiles.swich: no device has this type, did you mean switch?',
    ])
  })

  it('names of letters, digits and emoji are no mess', () => {
    expect(
      noticesOf(
        '- {id: სვ-1, address: x, name: თბილისი 🏢 №2 (core)}\n- {id: 🏢, address: y, name: "#1"}',
      ),
    ).toEqual([])
  })
})

it('control characters never reach a label', () => {
  const { inventory } = parse({
    'd.json': '[{"id": "a\\nb", "address": "x", "branch": " one\\r\\n two\\u0000"}]',
  })
  expect([...inventory.values()][0]).toMatchObject({ id: 'a b', branch: 'one  two' })
})

it('10,000 devices with 10,000 problems are told without growing with the square', () => {
  const devices = Array.from({ length: 10_000 }, (_, i) => ({
    id: `d${i}`,
    address: 'x y',
    parents: [`nobody-${i}`],
  }))
  const { problems } = parse({ 'd.json': JSON.stringify(devices) })
  expect(problems).toHaveLength(20_000)
}, 60_000)

it('10,000 devices are the same inventory from YAML, JSON and CSV', () => {
  const devices = Array.from({ length: 10_000 }, (_, i) => ({
    id: `${i}`.padStart(5, '0'),
    address: `10.1.${i >> 8}.${i & 255}`,
    name: `მოწყობილობა ${i} 🏢`,
    branch: `branch ${i % 128}`,
    parents: i === 0 ? [] : [`${i >> 4}`.padStart(5, '0')],
  }))
  const files = {
    'd.json': JSON.stringify(devices),
    'd.yaml': devices
      .map(({ parents, ...rest }) => {
        const texts = Object.entries(rest).map(([key, value]) => `  ${key}: ${value}\n`)
        return `-\n${texts.join('')}  parents: [${parents.join()}]\n`
      })
      .join(''),
    'd.csv': [
      'id,address,name,branch,parents',
      ...devices.map((device) => Object.values(device).join()),
    ].join('\n'),
  }
  // A CSV has no empty lists: what a device comes to is the same, not what was said of it.
  const [json, yaml, csv] = Object.entries(files).map(([file, text]) => {
    const { inputs: _, ...parsed } = parse({ [file]: text })
    return parsed
  })
  expect(json?.problems).toEqual([])
  expect(json?.inventory.size).toBe(10_000)
  expect(yaml).toEqual(json)
  expect(csv).toEqual(json)
}, 30_000)
