import { randomFillSync } from 'node:crypto'
import { without } from '../../lab/mib.ts'
import {
  ERROR_STATUS,
  type Outcome,
  type Request,
  encodeOid,
  encodeResponse,
} from '../../lab/snmp-packet.ts'

/** What agents do that no agent should; `silent` and `late` beside those that answer nonsense. */
export const HOSTILE_KINDS = [
  'honest',
  'silent',
  'late',
  'tooBig',
  'genErr',
  'noSuchName',
  'nothing',
  'loop',
  'backwards',
  'endless',
  'garbage',
  'truncated',
  'damaged',
  'another community',
  'another id',
  'another version',
  'twice',
] as const
export type HostileKind = (typeof HOSTILE_KINDS)[number]

type Asked = {
  readonly request: Request
  /** What an honest agent answers. */
  readonly honest: Buffer
}

/** The packets to send back. */
export const BEHAVIOURS: Readonly<Record<HostileKind, (asked: Asked) => readonly Buffer[]>> = {
  honest: ({ honest }) => [honest],
  silent: () => [],
  late: ({ honest }) => [honest],
  tooBig: ({ request }) => [refusal(request, ERROR_STATUS.tooBig)],
  genErr: ({ request }) => [refusal(request, ERROR_STATUS.genErr)],
  noSuchName: ({ request }) => [refusal(request, ERROR_STATUS.noSuchName)],
  nothing: ({ request }) => [encodeResponse(request, { status: 0, index: 0, bindings: [] })],
  loop: (asked) => unlessGet(asked, ({ oids }) => [...oids, ...oids]),
  backwards: (asked) => unlessGet(asked, ({ oids }) => oids.map(before)),
  endless: (asked) => unlessGet(asked, ({ oids }) => oids.map(next)),
  garbage: ({ honest }) => [randomFillSync(Buffer.alloc(honest.length))],
  truncated: ({ honest }) => [honest.subarray(0, honest.length >>> 1)],
  damaged: ({ honest }) => [damage(honest)],
  'another community': ({ request }) => [
    encodeResponse({ ...request, community: 'guess' }, outcome(request.oids)),
  ],
  'another id': ({ request }) => [
    encodeResponse({ ...request, requestId: request.requestId ^ 1 }, outcome(request.oids)),
  ],
  'another version': ({ request }) => [
    encodeResponse({ ...request, version: 'v1' }, outcome(request.oids)),
  ],
  twice: ({ honest }) => [honest, honest],
}

/** GET is answered as it should be: only so is such an agent walked. */
function unlessGet(
  { request, honest }: Asked,
  names: (request: Request) => readonly string[],
): readonly Buffer[] {
  if (request.operation === 'get') return [honest]
  return [encodeResponse(request, outcome(names(request)))]
}

const outcome = (oids: readonly string[]): Outcome => ({
  status: 0,
  index: 0,
  bindings: oids.map((oid) => ({
    name: encodeOid(oid),
    value: { type: 'counter32', value: 4242 },
  })),
})

const refusal = (request: Request, status: number): Buffer =>
  encodeResponse(request, {
    status,
    index: 0,
    bindings: request.oids.map((oid) => without(oid, 'null')),
  })

/** One row further, for ever. */
function next(oid: string): string {
  const { column, row } = place(oid)
  return `${column}.${(row ?? 0) + 1}`
}

/** Rows from the ninth down to the first, which comes again and again. */
function before(oid: string): string {
  const { column, row } = place(oid)
  return `${column}.${Math.max(1, (row ?? 10) - 1)}`
}

/** A column's OID has ten sub-identifiers in ifTable, eleven in ifXTable. */
function place(oid: string): { column: string; row: number | undefined } {
  const parts = oid.split('.')
  const length = oid.startsWith('1.3.6.1.2.1.31.') ? 11 : 10
  const row = parts[length]
  return {
    column: parts.slice(0, length).join('.'),
    row: row === undefined ? undefined : Number(row),
  }
}

function damage(honest: Buffer): Buffer {
  const packet = Buffer.from(honest)
  const [at = 0, byte = 0] = randomFillSync(new Uint8Array(2))
  packet[at % packet.length] = byte
  return packet
}
