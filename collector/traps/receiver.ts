import { WIRE_VERSION } from '../snmp/protocol/message.ts'
import type { Device } from '../../lib/inventory.ts'
import { createBudget } from './budget.ts'
import { type Envelope, openEnvelope } from './community-message.ts'
import type { LocalEngine } from './engine.ts'
import type { DropReason } from './news.ts'
import { readNotification, toResponse } from './notification.ts'
import { createRepeats } from './repeats.ts'
import { type Senders, sourceOf } from './senders.ts'
import { createV3Judge } from './v3-judge.ts'
import type { Verdict } from './verdict.ts'

export type Source = { readonly address: string; readonly port: number }

/** What is done with packets. */
export type Actions = {
  /** Called once for each trap and inform, however often the inform is repeated. */
  told(device: Device, trapOid: string): void
  reply(packet: Buffer, to: Source): void
  dropped(reason: DropReason, address: string): void
}

export type Receiver = {
  /** Never throws. `now` is on a monotonic scale, in milliseconds. */
  receive(packet: Buffer, from: Source, now: number): void
  setSenders(senders: Senders): void
}

/**
 * Packets that are decoded in a tenth of a second. One costs some microseconds, and a device that sends more than a
 * thousand a second has nothing to tell in them; others keep their share.
 */
const DECODED = { perSource: 100, inAll: 500 }

/** An inform is sent again until it is acknowledged: for how long the same one counts once. */
const INFORMS = { memoryMs: 60_000, most: 20_000 }

/**
 * The way of a packet: what is cheapest to tell comes first, so that a flood costs next to nothing. An unknown source is
 * dropped before a byte of its packet is read, a wrong community before anything is decoded.
 */
export function createReceiver(engine: LocalEngine, { told, reply, dropped }: Actions): Receiver {
  const budget = createBudget(DECODED)
  const informs = createRepeats(INFORMS)
  const judgeV3 = createV3Judge(engine)
  let senders: Senders = new Map()

  function judge(packet: Buffer, source: string, now: number): Verdict | Promise<Verdict> {
    const sender = senders.get(source)
    if (sender === undefined) return { kind: 'dropped', reason: 'sender' }
    const envelope = openEnvelope(packet)
    if (envelope === null) return { kind: 'dropped', reason: 'malformed' }
    if (envelope.version === WIRE_VERSION['3']) return judgeV3(packet, { source, sender, now })
    // The version isn't compared: many devices that are polled over v2c send traps of v1.
    const devices = sender.flatMap(({ community, devices: its }) =>
      community?.equals(envelope.community) === true ? its : [],
    )
    if (devices.length === 0) return { kind: 'dropped', reason: 'community' }
    if (!budget.take(source, now)) return { kind: 'dropped', reason: 'overload' }
    return judgeCommunity(packet, envelope, devices)
  }

  function act(verdict: Verdict, from: Source, now: number): void {
    const source = sourceOf(from.address)
    switch (verdict.kind) {
      case 'dropped':
        return dropped(verdict.reason, source)
      case 'answer':
        return reply(verdict.packet, from)
      case 'told': {
        const { notification, devices, acknowledge } = verdict
        const { trapOid, informId } = notification
        const isRepeat =
          verdict.isRepeat ||
          (informId !== null &&
            informs.isRepeat(`${source} ${from.port} ${informId} ${trapOid}`, now))
        if (!isRepeat) for (const device of new Set(devices)) told(device, trapOid)
        // After it was counted: an inform that is acknowledged isn't sent again.
        if (informId !== null) reply(acknowledge(), from)
      }
    }
  }

  return {
    receive(packet, from, now) {
      const verdict = judge(packet, sourceOf(from.address), now)
      if (!(verdict instanceof Promise)) act(verdict, from, now)
      else void verdict.then((later) => act(later, from, now))
    },
    setSenders(next) {
      senders = next
    },
  }
}

function judgeCommunity(packet: Buffer, envelope: Envelope, devices: readonly Device[]): Verdict {
  const { version, at, end } = envelope
  const notification = readNotification({ bytes: packet, at }, end, version)
  if (notification === null) return { kind: 'dropped', reason: 'malformed' }
  return {
    kind: 'told',
    notification,
    devices,
    isRepeat: false,
    acknowledge: () => toResponse(packet.subarray(0, end), at),
  }
}
