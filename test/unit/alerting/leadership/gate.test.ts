import { describe, expect, test } from 'vitest'
import { gatedReceiver, gatedStore } from '../../../../alerting/leadership/gate.ts'
import type { Notification, Receiver } from '../../../../alerting/notify/notification.ts'
import type { VictoriaMetrics } from '../../../../lib/victoriametrics.ts'

const gate = (isOpen: boolean) => ({ token: 7, pass: async () => isOpen })

function receiver() {
  const terms: (number | undefined)[] = []
  const given: Receiver = {
    name: 'ops',
    groupBy: [],
    sendResolved: true,
    repeatMs: 1,
    retryForMs: 1,
    maxAlerts: 0,
    updatesInPlace: false,
    notify: async (_, { term }) => void terms.push(term),
  }
  return { given, terms }
}

const notification: Notification = {
  groupKey: 'g',
  groupLabels: {},
  routeLabels: {},
  alerts: [],
  reason: 'first notification',
  at: 0,
  truncatedAlerts: 0,
}

describe('what a term does to the outside', () => {
  test('goes out with its token while it lasts', async () => {
    const { given, terms } = receiver()
    const delivery = { idempotencyKey: 'k', reference: null, signal: new AbortController().signal }
    await gatedReceiver(given, gate(true)).notify(notification, delivery)
    expect(terms).toEqual([7])
  })

  test('waits for the end once it is over: the message is another leader’s', async () => {
    const { given, terms } = receiver()
    const stopping = new AbortController()
    const delivery = { idempotencyKey: 'k', reference: null, signal: stopping.signal }
    const sent = gatedReceiver(given, gate(false)).notify(notification, delivery)
    const reason = new Error('the term is over')
    stopping.abort(reason)
    await expect(sent).rejects.toBe(reason)
    expect(terms).toEqual([])
  })

  test('isn’t stored once it is over, and not given up either', async () => {
    const stored: string[] = []
    const store = {
      writeLines: async () => void stored.push('lines'),
      remoteWrite: async () => void stored.push('remote-write'),
    } as unknown as VictoriaMetrics
    for (const isOpen of [true, false]) {
      const gated = gatedStore(store, gate(isOpen))
      const writes = [gated.writeLines('a b=1'), gated.remoteWrite(new Uint8Array())]
      const expected = isOpen ? { status: 'fulfilled' } : { reason: { retryable: true } }
      for (const outcome of await Promise.allSettled(writes))
        expect(outcome).toMatchObject(expected)
    }
    expect(stored).toEqual(['lines', 'remote-write'])
  })
})
