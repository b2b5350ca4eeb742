import type { LocalEngine } from '../../../../collector/traps/engine.ts'
import { createReceiver } from '../../../../collector/traps/receiver.ts'
import { planSenders } from '../../../../collector/traps/senders.ts'
import { FLAG } from '../../../../collector/snmp/protocol/v3/message.ts'
import { scopedPdu, writeV3Message } from '../../../../lab/v3-packet.ts'
import type { UserCredential } from '../../../../lib/config/credential.ts'
import type { Config } from '../../../../lib/config/schema.ts'
import type { Device } from '../../../../lib/inventory.ts'
import { Secret } from '../../../../lib/secret.ts'
import { type EngineKeys, deriveUserKeys, localiseKeys } from '../../../../lib/usm/keys.ts'
import { encrypt, sign } from '../../../../lib/usm/seal.ts'
import { settle } from '../../../fakes/clock.ts'
import { device } from '../../../fakes/inventory.ts'

export const OPS: UserCredential = {
  version: '3',
  user: 'ops',
  auth_protocol: 'SHA',
  auth_password: new Secret('maplesyrup'),
  priv_protocol: 'AES',
  priv_password: new Secret('pancakes!'),
}
/** As `ops`, with a password of privacy that is being changed. */
export const NEXT_OPS: UserCredential = { ...OPS, priv_password: new Secret('waffles!!') }
export const CREDENTIALS: Config['credentials'] = {
  red: { version: '2c', community: new Secret('red') },
  ops: OPS,
  'next-ops': NEXT_OPS,
  guest: { version: '3', user: 'guest' },
}

export const OWN_ID = Buffer.from('8000000005aabbccddee', 'hex')
export const THEIR_ID = Buffer.from('800000000501020304', 'hex')

export const deviceAt = (
  id: string,
  address: string,
  credentials: readonly string[] = Object.keys(CREDENTIALS),
): Device =>
  device(id, {
    address,
    snmp: {
      modules: [],
      credentials,
      port: 161,
      intervalMs: 60_000,
      timeoutMs: 1_000,
    },
  })

/** A receiver, and what it did. */
export function startReceiver(...devices: readonly Device[]) {
  const engine: LocalEngine = { id: OWN_ID, boots: 3, time: () => 1_000 }
  const told: string[] = []
  const replies: Buffer[] = []
  const dropped: Record<string, number> = {}
  const receiver = createReceiver(engine, {
    told: ({ id }, trapOid) => void told.push(`${id} ${trapOid}`),
    reply: (packet) => void replies.push(packet),
    dropped: (reason) => void (dropped[reason] = (dropped[reason] ?? 0) + 1),
  })
  receiver.setSenders(
    planSenders(new Map(devices.map((each) => [each.id, each])), {
      credentials: CREDENTIALS,
      shared: [],
      resolve: ({ address }) => address,
    }),
  )
  return {
    told,
    replies,
    dropped,
    send: (packet: Buffer, address = '198.18.0.1', now = 0, port = 50_000) =>
      receiver.receive(packet, { address, port }, now),
    /** Until all that was sent is decided. The first message of a user takes a moment: its keys are made. */
    async settled(decided: number): Promise<void> {
      const count = (): number =>
        told.length + replies.length + Object.values(dropped).reduce((sum, n) => sum + n, 0)
      while (count() < decided) await settle()
      await settle()
    },
  }
}

export async function keysOf(credential: UserCredential, engineId: Buffer): Promise<EngineKeys> {
  return localiseKeys(await deriveUserKeys(credential), engineId)
}

/** A message of v3 as an engine makes it; what a test doesn't care about is as it should be. */
export function v3Message(
  pdu: Buffer,
  keys: EngineKeys,
  {
    engineId = THEIR_ID,
    boots = 5,
    time = 1_000,
    user = 'ops',
    id = 77,
    flags = (keys.auth === null ? 0 : FLAG.auth) | (keys.priv === null ? 0 : FLAG.priv),
  }: {
    engineId?: Buffer
    boots?: number
    time?: number
    user?: string
    id?: number
    flags?: number
  } = {},
): Buffer {
  const scoped = scopedPdu(engineId, pdu)
  const { sealed, salt } =
    keys.priv === null
      ? { sealed: scoped, salt: Buffer.alloc(0) }
      : encrypt(keys.priv, scoped, { boots, time })
  const { packet, digestAt } = writeV3Message(
    { id, flags, engineId, boots, time, user: Buffer.from(user), salt, data: sealed },
    keys.auth?.digest.signatureBytes ?? 0,
  )
  if (keys.auth !== null) sign(keys.auth, packet).copy(packet, digestAt)
  return packet
}
