import fc from 'fast-check'
import { METRIC_TYPES, type Metric, type MetricType } from '../../../collector/snmp/module.ts'
import {
  encodeQuestion,
  readHeader,
  readResponse,
} from '../../../collector/snmp/protocol/message.ts'
import { TAG } from '../../../collector/snmp/protocol/varbind.ts'
import { applyDisplayHint } from '../../../collector/snmp/values/display-hint.ts'
import { INDEX_TYPES } from '../../../collector/snmp/values/index-value.ts'
import { indexToLabels } from '../../../collector/snmp/values/index-labels.ts'
import { readMetric } from '../../../collector/snmp/values/metric.ts'
import { judgeV3 } from '../../../collector/snmp/protocol/v3/guard.ts'
import { FLAG, openScopedPdu, readV3Message } from '../../../collector/snmp/protocol/v3/message.ts'
import { type Value, encodeOid, encodeResponse } from '../../../lab/snmp-packet.ts'
import { reportPdu, scopedPdu, writeV3Message } from '../../../lab/v3-packet.ts'
import { mutatedBytes } from '../mutate.ts'
import { must, target } from '../target.ts'

const ASKED = ['1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.2.2.1.10.7', '1.3.6.1.4.1.9.9.13.1.3.1.3.1006']
const VALUES: readonly Value[] = [
  { type: 'timeticks', value: 123_456 },
  { type: 'counter64', value: 18_446_744_073_709_551_615n },
  { type: 'octets', value: Buffer.from('ether1 \u10e5', 'utf8') },
  { type: 'integer', value: -40 },
  { type: 'oid', value: '1.3.6.1.4.1.9.1.1208' },
  { type: 'oid', value: '2.100.4294967295' },
  { type: 'oid', value: '0.0' },
  { type: 'counter64', value: 5n },
  { type: 'noSuchInstance' },
  { type: 'endOfMibView' },
]

const responseOf = (version: 'v1' | 'v2c', status: number, values: readonly Value[]): Buffer =>
  encodeResponse(
    {
      version,
      community: 'public',
      operation: 'get',
      requestId: 77,
      nonRepeaters: 0,
      maxRepetitions: 0,
      oids: [],
    },
    {
      status,
      index: status === 0 ? 0 : 1,
      bindings: values.map((value, i) => ({
        name: encodeOid(ASKED[i % ASKED.length] ?? '1.3'),
        value,
      })),
    },
  )

const RESPONSES = [
  responseOf('v2c', 0, VALUES),
  responseOf('v2c', 0, VALUES.slice(0, 3)),
  responseOf('v1', 2, VALUES.slice(0, 1)),
  responseOf('v2c', 1, []),
  responseOf(
    'v2c',
    0,
    Array.from({ length: 60 }, (_, i) => ({ type: 'counter32', value: i })),
  ),
]
const MOST_BINDINGS = 50
const question = encodeQuestion(ASKED)

export const response = target({
  name: 'snmp-response',
  inputs: mutatedBytes(RESPONSES),
  read(packet) {
    const header = readHeader(packet)
    if (header === null) return false
    const read = readResponse(packet, header, question, MOST_BINDINGS)
    if (read === null) return false
    must(read.bindings.length <= MOST_BINDINGS, 'no more bindings than were asked for')
    for (const { oid, value } of read.bindings) {
      must(/^\d+(\.\d+)*$/.test(oid), `an OID, got ${oid}`)
      must(typeof value !== 'number' || !Number.isNaN(value), 'a number')
    }
    return true
  },
})

const ENGINE = Buffer.from('800000000501020304', 'hex')
const SALT = Buffer.from('0000000500000001', 'hex')

const v3Of = (flags: number, data: Buffer, digestBytes: number): Buffer =>
  writeV3Message(
    {
      id: 77,
      flags,
      engineId: ENGINE,
      boots: 5,
      time: 1_000,
      user: Buffer.from('ops'),
      salt: (flags & FLAG.priv) === 0 ? Buffer.alloc(0) : SALT,
      data,
    },
    digestBytes,
  ).packet

const clear = scopedPdu(ENGINE, reportPdu(4))
const V3_MESSAGES = [
  v3Of(0, clear, 0),
  v3Of(FLAG.auth, clear, 12),
  v3Of(FLAG.auth | FLAG.priv, Buffer.alloc(64, 0x5a), 24),
]

export const v3 = target({
  name: 'snmp-v3',
  inputs: mutatedBytes(V3_MESSAGES),
  read(packet) {
    const message = readV3Message(packet)
    for (const level of [0, FLAG.auth, FLAG.auth | FLAG.priv]) {
      const judged = judgeV3(packet, {
        level,
        user: Buffer.from('ops'),
        engineId: ENGINE,
        waiting: new Map([[77, { requestId: 77, isDiscovery: false }]]),
      })
      must(
        message !== null || judged === 'malformed',
        'what is malformed to be let through nowhere',
      )
    }
    return message !== null && openScopedPdu(message.data) !== null
  },
})

const cell = fc.record({
  type: fc.constantFrom(...Object.values(TAG)),
  value: fc.oneof(
    fc.integer(),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(null),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(Number),
  ),
})

const HINTS = [
  '1x:',
  '255a',
  '1d.1d.1d.1d',
  '2d-1d-1d,1d:1d:1d.1d,1a1d:1d',
  '*1x:',
  '4d',
  '0a',
  '1o',
  '',
]
const index = fc.array(fc.oneof(fc.nat(300), fc.nat(2 ** 32 - 1)), { maxLength: 30 })

export const value = target({
  name: 'snmp-value',
  inputs: fc.record({
    type: fc.constantFrom<MetricType>(...METRIC_TYPES),
    cell,
    index,
    displayHint: fc.option(fc.oneof(fc.constantFrom(...HINTS), fc.string({ maxLength: 12 })), {
      nil: undefined,
    }),
    kind: fc.constantFrom(...INDEX_TYPES),
    fixedSize: fc.option(fc.nat(16)),
    implied: fc.boolean(),
  }),
  read({ type, cell: given, index: at, displayHint, kind, fixedSize, implied }) {
    if (displayHint !== undefined && Buffer.isBuffer(given.value))
      applyDisplayHint(displayHint, given.value)
    const metric: Metric = {
      name: 'fuzzed',
      oid: '1.3.6.1.4.1.1.2',
      type,
      indexes: [{ labelName: 'row', type: kind, fixedSize, implied }],
      ...(displayHint === undefined ? {} : { displayHint }),
    }
    const readings = readMetric(metric, given, at.join('.'), () => given)
    for (const { value: number } of readings) must(typeof number === 'number', 'numbers as values')
    const labels = indexToLabels(at, metric, () => given)
    for (const text of Object.values(labels))
      must(typeof text === 'string' && text.isWellFormed(), 'texts as labels')
    return readings.length > 0
  },
})
