import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { check } from '../../../bin/check.ts'
import { startWardline } from '../../wardline-process.ts'
import { directoryWith } from './files.ts'

async function run(files: Record<string, string | Uint8Array>) {
  await using directory = await directoryWith(files)
  const printed: string[] = []
  const errors: string[] = []
  const clean = (line: string) => line.replaceAll(`${directory.path}/`, '')
  const code = await check(directory.of('wardline.yaml'), {
    print: (line) => printed.push(clean(line)),
    error: (line) => errors.push(clean(line)),
  })
  return { code, printed, errors }
}

describe('wardline check', () => {
  it('sums the fleet up, from files of every kind (A: globs, YAML, JSON, CSV, UTF-16)', async () => {
    const csv = 'id;address;name;snmp\r\ne;10.0.0.1;თბილისი -;no\r\n'
    const result = await run({
      'wardline.yaml': [
        'inventory:',
        '  files: [devices.csv, "d/**/*.{yaml,json}", d/a.yaml]',
        '  devices: [{id: z, address: 10.0.0.9, enabled: no}]',
        'defaults: {snmp: {credentials: [c]}, region: West}',
        'profiles: {switch: {ping: {interval: 30s}}}',
        'credentials: {c: {version: 2c, community: public}}',
      ].join('\n'),
      'devices.csv': Buffer.from(`\ufeff${csv}`, 'utf16le'),
      'd/a.yaml': '- {id: a, address: 10.0.0.1, type: switch, region: East, branch: B1}',
      'd/deep/b.json': '[{"id": "b", "address": "10.0.0.2", "type": "switch"}]',
    })
    expect(result).toEqual({
      code: 0,
      errors: [],
      printed: [
        'notice: devices.csv:2: address: "10.0.0.1" is shared by 2 devices: e, a',
        'notice: devices.csv:2: device e: name: "თბილისი -" ends in " -"',
        'wardline.yaml: good; device files: 3',
        'devices: 4, disabled: 1',
        'types: (none) 2, switch 2',
        'regions: West 3, East 1',
        'branches: 1',
        'ping: every 30s 2, every 10s 1; 0.17 pings and 0.33 echoes a second',
        'SNMP: every 1m 2; 0.033 polls a second',
        'shared addresses: 1, by 2 devices',
        'shared names: 0',
      ],
    })
  })

  it('notices rules of uplinks that are for no device that is polled', async () => {
    const result = await run({
      'wardline.yaml': [
        'inventory:',
        '  devices:',
        '  - {id: a, address: 10.0.0.1, role: edge, snmp: {credentials: [c]}}',
        '  - {id: b, address: 10.0.0.2, branch: Gori}',
        'credentials: {c: {version: 2c, community: x}}',
        'snmp:',
        '  uplinks:',
        "  - {name: isp-a, alias: '^WAN', devices: {role: [edge]}}",
        "  - {name: isp-b, alias: '^WAN', devices: {role: [egde]}}",
        "  - {name: isp-c, alias: '^WAN', devices: {branch: [Gori]}}",
      ].join('\n'),
    })
    expect(result.code).toBe(0)
    expect(result.printed.slice(0, 3)).toEqual([
      'notice: wardline.yaml:9: snmp.uplinks[1]: "isp-b" is for no device that is polled by SNMP',
      'notice: wardline.yaml:10: snmp.uplinks[2]: "isp-c" is for no device that is polled by SNMP',
      'wardline.yaml: good; device files: 0',
    ])
  })

  it('prints every problem of every file and exits with 1', async () => {
    const result = await run({
      'wardline.yaml':
        'inventory:\n  files:\n  - missing.csv\n  - "none-*.yaml"\n  - a.yaml\n  - b.txt\n  devices:\n  - {id: a, address: x y}',
      'a.yaml': '- {id: a, address: 10.0.0.1, tpye: x}',
      'b.txt': '',
    })
    expect(result.code).toBe(1)
    expect(result.errors).toEqual([
      'wardline.yaml:3: inventory.files[0]: missing.csv: no such file',
      'wardline.yaml:4: inventory.files[1]: no file matches "none-*.yaml" (looked for none-*.yaml)',
      'a.yaml:1: device a: tpye: unknown key, did you mean type?',
      'b.txt: expected a name that ends in .yaml, .yml, .json, .csv',
      'wardline.yaml:8: device a: address: expected an IP address or a host name, got "x y"',
      '5 problems',
    ])
  })

  it('does not wait for the writer of a pipe', async () => {
    await using directory = await directoryWith({
      'wardline.yaml': 'inventory: {files: [devices.yaml]}',
    })
    execFileSync('mkfifo', [directory.of('devices.yaml')])
    const errors: string[] = []
    const output = { print: () => {}, error: (line: string) => void errors.push(line) }
    expect(await check(directory.of('wardline.yaml'), output)).toBe(1)
    expect(errors[0]).toMatch(/devices\.yaml: expected a file, got a pipe or a device$/)
  })

  it("prints what is wrong in receivers' templates and in routes", async () => {
    const receivers = [
      'receivers:',
      '- name: chat',
      '  telegram: {bot_token: t, chat_id: c}',
      '  templates:',
      "    title: '{{ .Title }'",
      '    text: |',
      '      {{ range .Alerts }}',
      '      {{ humanise .Value }}{{ end }}',
    ]
    const route = ['route:', '  receiver: chat', '  routes: [{receiver: chatt}]']
    expect(await run({ 'wardline.yaml': receivers.join('\n') })).toMatchObject({
      code: 1,
      errors: [
        'wardline.yaml:5: receivers[0].templates.title: expected a Go template: column 11: unexpected "}"',
        'wardline.yaml:6: receivers[0].templates.text: expected a Go template: line 2, column 4: there is no function humanise, did you mean humanize?',
        '2 problems',
      ],
    })
    expect((await run({ 'wardline.yaml': [...receivers, ...route].join('\n') })).errors).toEqual([
      'wardline.yaml:11: route.routes[0].receiver: no receiver has the name "chatt", did you mean chat?',
      '1 problem',
    ])
  })

  it('prints the problems of the configuration and exits with 1', async () => {
    const { code, errors } = await run({ 'wardline.yaml': 'inventroy: {}' })
    expect({ code, errors }).toEqual({
      code: 1,
      errors: ['wardline.yaml:1: inventroy: unknown key, did you mean inventory?', '1 problem'],
    })
  })

  it('prints problems of the devices too where the configuration has some elsewhere', async () => {
    const { code, errors } = await run({
      'wardline.yaml': [
        'api: {listen: nowhere}',
        'inventory:',
        '  files: [a.yaml]',
        '  devices: [{id: z, address: x y}]',
        'credentials: {c: {version: 2c, community: "${NO_SUCH_VARIABLE}"}}',
        'defaults: {snmp: {credentials: [c]}}',
      ].join('\n'),
      'a.yaml': '- {id: a, address: 10.0.0.1, snmp: {credentials: [d]}}',
    })
    expect({ code, errors }).toEqual({
      code: 1,
      errors: [
        'wardline.yaml:1: api.listen: expected host:port, such as 127.0.0.1:5001, got "nowhere"',
        'wardline.yaml:5: credentials.c.community: the environment variable NO_SUCH_VARIABLE is not set: set it before wardline starts',
        'a.yaml:1: device a: snmp.credentials: no credentials have the name "d", expected one of c',
        'wardline.yaml:4: device z: address: expected an IP address or a host name, got "x y"',
        '4 problems',
      ],
    })
  })

  it('does not check devices by defaults that are wrong themselves', async () => {
    const { errors } = await run({
      'wardline.yaml':
        'inventory: {devices: [{id: a, address: x y}]}\ndefaults: {ping: {count: 0}}',
    })
    expect(errors).toEqual([
      'wardline.yaml:2: defaults.ping.count: expected a whole number from 1 to 20, got "0"',
      '1 problem',
    ])
  })

  it('notes what is allowed and most likely not meant: no devices, one address for two services', async () => {
    const { code, printed } = await run({
      'wardline.yaml': [
        'inventory: {}',
        'victoriametrics: {url: http://vm}',
        'redis: {url: redis://r}',
        'collector: {listen: "0.0.0.0:7000"}',
        'api: {listen: "0.0.0.0:7000"}',
      ].join('\n'),
    })
    expect({ code, notices: printed.filter((line) => line.startsWith('notice')) }).toEqual({
      code: 0,
      notices: [
        'notice: wardline.yaml:5: api.listen: 0.0.0.0:7000 is taken by collector.listen (0.0.0.0:7000) already: `wardline up` needs a port for each',
        'notice: wardline.yaml:1: inventory: there are no devices, so nothing is monitored: give some under inventory.devices, or their files under inventory.files',
      ],
    })
  })

  it('takes the file as an argument', async () => {
    await using directory = await directoryWith({ 'mine.yaml': 'inventory: {}' })
    await using wardline = startWardline(['check', directory.of('mine.yaml')])
    expect(await wardline.exited).toBe(0)
    expect(wardline.output()).toContain('mine.yaml: good')
  })

  it('exits with 2 where there is no configuration', async () => {
    const { code, errors } = await run({})
    expect(code).toBe(2)
    expect(errors[0]).toContain('wardline.yaml: no such file: give the path of yours')
  })
})
