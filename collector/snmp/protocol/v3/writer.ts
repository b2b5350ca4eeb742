import type { EngineKeys } from '../../../../lib/usm/keys.ts'
import { encrypt, sign } from '../../../../lib/usm/seal.ts'
import { SEQUENCE, createWriter, wrap, writeInteger, writeOctets } from '../ber.ts'
import { type Request, WIRE_VERSION, writePdu } from '../message.ts'
import { TAG } from '../varbind.ts'
import { FLAG, USER_SECURITY_MODEL, type V3Head } from './message.ts'

/** What an answer may be long. */
const MOST_BYTES = 65_507
/** Around a scoped PDU: names, digest and the filling of a last block at their longest. */
const MOST_AROUND = 256
const NO_SALT = Buffer.alloc(0)

/** A message that is sealed and signed with what keys are given; its flags have to say so. */
export function writeV3Message(
  { id, flags, engineId, boots, time, user }: Omit<V3Head, 'salt'>,
  scoped: Buffer,
  { auth, priv }: EngineKeys,
): Buffer {
  const writer = createWriter(scoped.length + MOST_AROUND)
  const end = writer.at
  let salt: Buffer = NO_SALT
  if (priv === null) {
    writer.at -= scoped.length
    scoped.copy(writer.bytes, writer.at)
  } else {
    const sealing = encrypt(priv, scoped, { boots, time })
    salt = sealing.salt
    writeOctets(writer, sealing.sealed)
  }

  const parametersEnd = writer.at
  writeOctets(writer, salt)
  const digestEnd = writer.at
  writer.at -= auth?.digest.signatureBytes ?? 0
  const digestAt = writer.at
  writer.bytes.fill(0, digestAt, digestEnd)
  wrap(writer, TAG.octetString, digestEnd)
  writeOctets(writer, user)
  writeInteger(writer, time)
  writeInteger(writer, boots)
  writeOctets(writer, engineId)
  wrap(writer, SEQUENCE, parametersEnd)
  wrap(writer, TAG.octetString, parametersEnd)

  const globalEnd = writer.at
  writeInteger(writer, USER_SECURITY_MODEL)
  writer.bytes[--writer.at] = flags
  wrap(writer, TAG.octetString, writer.at + 1)
  writeInteger(writer, MOST_BYTES)
  writeInteger(writer, id)
  wrap(writer, SEQUENCE, globalEnd)
  writeInteger(writer, WIRE_VERSION['3'])
  wrap(writer, SEQUENCE, end)

  const packet = writer.bytes.subarray(writer.at)
  if (auth !== null) sign(auth, packet).copy(writer.bytes, digestAt)
  return packet
}

export type Asker = {
  /** Of FLAG: 0, 1 or 3. */
  readonly level: number
  readonly user: Buffer
  readonly context: Buffer
}

/** A request at the asker's level, to an engine whose boots and time are these now. */
export function writeV3Request(
  id: number,
  pdu: Omit<Request, 'version' | 'community'>,
  { level, user, context }: Asker,
  engine: Pick<V3Head, 'engineId' | 'boots' | 'time'> & { readonly keys: EngineKeys },
): Buffer {
  const { engineId, boots, time, keys } = engine
  const flags = level | FLAG.reportable
  return writeV3Message(
    { id, flags, engineId, boots, time, user },
    writeScopedPdu(pdu, context, engineId),
    keys,
  )
}

function writeScopedPdu(
  pdu: Omit<Request, 'version' | 'community'>,
  context: Buffer,
  engineId: Buffer,
): Buffer {
  const writer = createWriter(pdu.question.bytes.length + context.length + MOST_AROUND)
  const end = writer.at
  writePdu(writer, pdu)
  writeOctets(writer, context)
  writeOctets(writer, engineId)
  wrap(writer, SEQUENCE, end)
  return writer.bytes.subarray(writer.at)
}
