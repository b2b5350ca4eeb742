import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { readDevices } from '../../../../lib/inventory/formats.ts'

const valuesOf = (file: string, text: string) => {
  const read = readDevices(file, text)
  expect(read.problems).toEqual([])
  return read.records.map(({ value }) => value)
}
const problemsOf = (file: string, text: string) =>
  readDevices(file, text).problems.map(({ line, message }) => `${line}: ${message}`)
const linesOf = (file: string, text: string, path: PropertyKey[] = []) =>
  readDevices(file, text).records.map(({ line }) => line(path))

describe('YAML', () => {
  it.each([
    '- {id: a, address: b}',
    'devices:\n  - id: a\n    address: b',
    'devices: [{id: a, address: b}]',
  ])('is a list of devices, or a map with one: %j', (text) => {
    expect(valuesOf('d.yaml', text)).toEqual([{ id: 'a', address: 'b' }])
  })

  it('keeps an id as it was written', () => {
    const ids = valuesOf('d.yml', '- id: 007\n- id: 1e3\n- id: 0x1f\n- id: 12345678901234567890')
    expect(ids).toEqual([
      { id: '007' },
      { id: '1e3' },
      { id: '0x1f' },
      { id: '12345678901234567890' },
    ])
  })

  test.each([
    ['', 'undefined: expected a list of devices, or the key devices with such a list, got nothing'],
    ['hello', '1: expected a list of devices, or the key devices with such a list, got "hello"'],
    ['devices: 5', '1: devices: expected a list, got "5"'],
    [
      'device:\n  - id: a',
      '1: device: unknown key, did you mean devices?; expected a list of devices, or the key devices with such a list',
    ],
  ])('%j is refused', (text, problem) => {
    expect(problemsOf('d.yaml', text)).toEqual([problem])
  })
})

describe('JSON', () => {
  const text = `{"devices": [
  {"id": "a", "address": "x", "name": "{[,]}\\"",
   "ping": {"interval": "10s"},
   "parents": ["b"]}, {"id": "b"},
  7,

  "text",
  {"id": "c",
   "ping": {"count": 2, "interval": "1s"}}
]}`

  it('gives the line of each device and of a key inside', () => {
    expect(linesOf('d.json', text)).toEqual([2, 4, 5, 7, 8])
    expect(linesOf('d.json', text, ['ping', 'interval'])).toEqual([3, 4, 5, 7, 9])
  })

  it('knows each device of any list, whatever its texts hold', () => {
    const device = fc.oneof(
      fc.record({ id: fc.string(), tags: fc.array(fc.string()) }),
      fc.string(),
      fc.nat(),
    )
    fc.assert(
      fc.property(fc.array(device, { maxLength: 8 }), fc.boolean(), (devices, bare) => {
        const pretty = JSON.stringify(bare ? devices : { devices }, null, 1)
        const lines = linesOf('d.json', pretty)
        const starts = lines.map((line) => pretty.split('\n')[(line ?? 0) - 1]?.trim()[0])
        expect(starts).toEqual(devices.map((item) => JSON.stringify(item)[0]))
      }),
    )
  })

  test.each([
    ['', 'undefined: expected a list of devices, got an empty file'],
    [
      '[\n {"id": "a"}\n {"id": "b"}]',
      '3: not valid JSON at "{\\"id\\": \\"b\\"}]": check commas, quotes and brackets',
    ],
    [
      '[\n {"id": "a"',
      '2: not valid JSON: the file ends too early; a bracket or a quote is not closed',
    ],
    [
      '{\n"devcies": []}',
      '2: devcies: unknown key, did you mean devices?; expected a list of devices, or the key devices with such a list',
    ],
  ])('%j is refused', (json, problem) => {
    expect(problemsOf('d.json', json)).toEqual([problem])
  })
})

describe('CSV', () => {
  const devices = [
    { id: '001', address: '10.0.0.1', name: 'თბილისი, ცენტრი 🏢', ping: { interval: '30s' } },
    { id: 'b', address: '10.0.0.2', parents: ['001', 'c'], snmp: { credentials: ['x'] } },
  ]
  const comma = [
    'ID,Address,Name,Ping.Interval,parents,snmp.credentials',
    '001,10.0.0.1,"თბილისი, ცენტრი 🏢",30s,,',
    'b, 10.0.0.2 ,,,001|c,x',
  ]
  const separated = (separator: string) =>
    [
      comma[0]?.replaceAll(',', separator),
      `001${separator}10.0.0.1${separator}"თბილისი, ცენტრი 🏢"${separator}30s${separator}${separator}`,
      `b${separator}10.0.0.2${separator}${separator}${separator}001 | c${separator}x`,
    ].join('\n')

  test.each([
    ['commas', comma.join('\n')],
    ['Windows line ends', comma.join('\r\n')],
    ['a byte order mark', `\ufeff${comma.join('\r\n')}\r\n`],
    ["Excel's semicolons", separated(';')],
    ['tabs', separated('\t')],
    ["Excel's own first line", `sep=;\r\n${separated(';')}`],
    [
      'empty lines and lines of separators alone',
      `\n${comma[0]}\n\n${comma[1]}\n,,,,,\n${comma[2]}\n\n`,
    ],
  ])('is understood with %s (H4)', (_, text) => {
    expect(valuesOf('d.csv', text)).toEqual(devices)
  })

  it('gives each device its first line, past quoted line breaks and empty lines', () => {
    const text = 'id,address,name\na,x,"one\ntwo"\n\nb,y,z\n,,\r\nc,z,"1\r\n2\r\n3"\r\nd,q,r'
    expect(linesOf('d.csv', text)).toEqual([2, 5, 7, 10])
  })

  test.each([
    ['no', 'core', 'no'],
    ['yes', 'core', { credentials: ['core'] }],
    ['yes', '', 'yes'],
    ['', 'core', { credentials: ['core'] }],
    ['maybe', 'core', 'maybe'],
  ])('snmp %j beside snmp.credentials %j gives %j', (snmp, credentials, value) => {
    const [device] = valuesOf(
      'd.csv',
      `id,address,snmp.credentials,snmp\na,x,${credentials},${snmp}`,
    )
    expect(device).toMatchObject({ snmp: value })
  })

  const columns =
    'id, address, name, branch, region, type, role, vendor, model, parents, enabled, tags, snmp, ping.interval, ping.count, ping.timeout, ping.confirm, snmp.modules, snmp.credentials, snmp.port, snmp.interval, snmp.timeout'
  test.each([
    ['', '1: expected a line with the names of the columns, such as id,address,name'],
    ['id,adress', '1: unknown column "adress", did you mean address?'],
    ['id,address,comment', `1: unknown column "comment", expected one of ${columns}`],
    ['id,address,', '1: column 3 has no name: name it or remove it'],
    ['id,address,ID', '1: the column id stands there twice: keep one'],
    ['name,address', '1: expected a column id'],
    [
      'id,address\na,b\nc,d,e',
      '3: expected 2 cells as in the first line, got 3: put a value that holds the separator in quotes',
    ],
    [
      'id,address,name\n\na,b',
      '3: expected 3 cells as in the first line, got 2: separators are missing',
    ],
    ['id,address\na,"b', '2: a quote (") opens here and is not closed before the end of the file'],
    [
      'id,address\na,"b"c',
      '2: text follows a closing quote ("): write a quote inside of a quoted cell twice ("")',
    ],
    [
      'id,address\na,b"c"',
      '2: a quote (") inside of a cell: put the whole cell in quotes and write the inner quote twice ("")',
    ],
  ])('%j is refused', (text, problem) => {
    expect(problemsOf('d.csv', text)).toEqual([problem])
  })

  it('reads back any text that a spreadsheet writes', () => {
    const cell = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() !== '')
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(',', ';', '\t'),
        (names, separator) => {
          const rows = names.map((name, index) => [`d${index}`, 'x', quote(name)].join(separator))
          const text = [['id', 'address', 'name'].join(separator), ...rows].join('\r\n')
          expect(valuesOf('d.csv', text)).toEqual(
            names.map((name, index) => ({ id: `d${index}`, address: 'x', name: name.trim() })),
          )
        },
      ),
    )
  })
})

it('another extension is refused', () => {
  expect(readDevices('devices.xlsx', '').problems).toEqual([
    { file: 'devices.xlsx', message: 'expected a name that ends in .yaml, .yml, .json, .csv' },
  ])
})
