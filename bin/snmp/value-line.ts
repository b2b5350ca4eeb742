import { textOf } from '../../collector/snmp/values/value-text.ts'
import { TAG, type Varbind } from '../../collector/snmp/protocol/varbind.ts'
import { humanizeDuration } from '../../lib/duration.ts'
import type { Names } from './names.ts'

/** One binding as a person reads it. */
export type ValueLine = {
  readonly oid: string
  readonly name: string | null
  readonly type: string
  readonly value: string
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [TAG.boolean]: 'Boolean',
  [TAG.integer]: 'Integer',
  [TAG.octetString]: 'OctetString',
  [TAG.null]: 'Null',
  [TAG.oid]: 'OID',
  [TAG.ipAddress]: 'IpAddress',
  [TAG.counter32]: 'Counter32',
  [TAG.gauge32]: 'Gauge32',
  [TAG.timeTicks]: 'TimeTicks',
  [TAG.opaque]: 'Opaque',
  [TAG.counter64]: 'Counter64',
  [TAG.noSuchObject]: 'noSuchObject',
  [TAG.noSuchInstance]: 'noSuchInstance',
  [TAG.endOfMibView]: 'endOfMibView',
}

export const typeName = (type: number): string => TYPE_NAMES[type] ?? `type 0x${type.toString(16)}`

export function valueLine(cell: Varbind, names: Names): ValueLine {
  return {
    oid: cell.oid,
    name: names.nameOf(cell.oid),
    type: typeName(cell.type),
    value: valueText(cell, names),
  }
}

function valueText(cell: Varbind, names: Names): string {
  const metric = names.metricOf(cell.oid)
  if (typeof cell.value === 'number') {
    const meaning =
      cell.type === TAG.timeTicks
        ? humanizeDuration(cell.value * 10)
        : metric?.enumValues?.[cell.value]
    return meaning === undefined ? String(cell.value) : `${cell.value} (${meaning})`
  }
  if (cell.type === TAG.opaque || TYPED.has(metric?.type ?? '')) {
    return textOf(cell, metric?.type ?? 'OctetString', metric?.displayHint)
  }
  return oneLine(textOf(cell))
}

/** Octets of these are no text, although some look like one. */
const TYPED: ReadonlySet<string> = new Set(['PhysAddress48', 'InetAddressIPv4', 'InetAddressIPv6'])

const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, ' ')
