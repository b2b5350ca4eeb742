import fc from 'fast-check'
import type { LocalEngine } from '../../../collector/traps/engine.ts'
import { createReceiver } from '../../../collector/traps/receiver.ts'
import { planSenders } from '../../../collector/traps/senders.ts'
import {
  CREDENTIALS,
  OPS,
  OWN_ID,
  THEIR_ID,
  deviceAt,
  keysOf,
  v3Message,
} from '../../unit/collector/traps/receiver-fixture.ts'
import { settle } from '../../fakes/clock.ts'
import { v1Trap, v2Pdu, v2Trap } from '../../unit/collector/traps/packets.ts'
import { mutatedBytes } from '../mutate.ts'
import { target } from '../target.ts'

const LINK_DOWN = '1.3.6.1.6.3.1.1.5.3'
const ADDRESS = '198.18.0.1'
const keys = await keysOf(OPS, THEIR_ID)

const PACKETS = [
  v2Trap({ trapOid: LINK_DOWN, community: 'red' }),
  v2Trap({ trapOid: LINK_DOWN, community: 'red', inform: true, requestId: 9, before: 3 }),
  v1Trap({ generic: 2, community: 'red' }),
  v1Trap({ generic: 6, specific: 4_711, community: 'red' }),
  v3Message(v2Pdu({ trapOid: LINK_DOWN }), keys),
  v3Message(v2Pdu({ trapOid: LINK_DOWN, inform: true }), keys, { engineId: OWN_ID }),
  v3Message(Buffer.from('a0020000', 'hex'), { auth: null, priv: null }, { user: '', flags: 4 }),
]

/** One receiver for all of them: what it keeps of senders must be bounded, too. */
const engine: LocalEngine = { id: OWN_ID, boots: 3, time: () => 1_000 }
let told = 0
let dropped = 0
const receiver = createReceiver(engine, {
  told: () => void told++,
  reply: () => {},
  dropped: () => void dropped++,
})
const device = deviceAt('router-1', ADDRESS)
receiver.setSenders(
  planSenders(new Map([[device.id, device]]), {
    credentials: CREDENTIALS,
    shared: [],
    resolve: ({ address }) => address,
  }),
)
let now = 0

export const traps = target({
  name: 'traps',
  inputs: fc.record({ packet: mutatedBytes(PACKETS), port: fc.integer({ min: 1, max: 65_535 }) }),
  async read({ packet, port }) {
    const before = told
    // Slowly enough that none is dropped for its being too many.
    now += 2
    receiver.receive(packet, { address: ADDRESS, port }, now)
    await settle()
    return told > before
  },
})
