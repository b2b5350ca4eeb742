import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Notify } from '../../../../alerting/notify/notification.ts'
import { NotifyError } from '../../../../alerting/notify/notify-error.ts'
import type { Exchange } from '../../../../alerting/notify/receivers/index.ts'
import {
  T,
  delivery,
  notificationOf,
  notifyBy,
  outage,
} from '../../../unit/alerting/notify/receivers/stand.ts'
import { waitFor } from '../../../wait.ts'
import { KINDS, type Peer, SECRET, startPeer } from './peers.ts'

const PROBLEM = notificationOf([outage('router-1')])
const RESOLUTION = notificationOf([outage('router-1', T + 60_000)], { at: T + 61_000 })

const failureOf = (sending: Promise<unknown>): Promise<unknown> =>
  sending.then(
    () => 'taken',
    (error: unknown) => error,
  )

/** What every kind of receiver does, whatever it speaks. */
describe.each(KINDS)('%s', (kind) => {
  const told = async (peer: Peer, ...notifications: (typeof PROBLEM)[]): Promise<string[]> => {
    const notify = notifyBy(peer.config)
    for (const [index, notification] of notifications.entries())
      await notify(notification, delivery({ idempotencyKey: `key-${index}` }))
    return peer.told()
  }

  test('delivers a problem, and then its resolution', async () => {
    await using peer = await startPeer(kind)
    expect(await told(peer, PROBLEM, RESOLUTION)).toEqual(['problem', 'resolution'])
  })

  test('is recognised as the same message when it is tried again', async () => {
    await using peer = await startPeer(kind)
    const notify = notifyBy(peer.config)
    peer.behave('fails')
    await failureOf(notify(PROBLEM, delivery()))
    peer.behave('takes')
    await notify(PROBLEM, delivery())
    await notify(
      { ...PROBLEM, reason: 'repeat interval elapsed' },
      delivery({ idempotencyKey: 'key-2' }),
    )
    const [first, again, other] = peer.identities()
    expect(again).toBe(first)
    expect(other).not.toBe(first)
    expect(peer.told()).toEqual(['problem', 'problem'])
  })

  test.each([
    ['fails', { retryable: true, reason: 'failed' }],
    ['is overloaded', { retryable: true, reason: 'overloaded' }],
    ['refuses', { retryable: false, reason: 'refused' }],
  ] as const)('whose peer %s rejects with %j', async (mood, expected) => {
    await using peer = await startPeer(kind)
    peer.behave(mood)
    const error = await failureOf(notifyBy(peer.config)(PROBLEM, delivery()))
    expect(error).toBeInstanceOf(NotifyError)
    expect(error).toMatchObject(expected)
  })

  test('whose peer gives no answer rejects once the timeout is over', async () => {
    await using peer = await startPeer(kind)
    peer.behave('hangs')
    const notify = notifyBy(withTimeout(peer.config, '200ms'))
    expect(await failureOf(notify(PROBLEM, delivery()))).toMatchObject({
      retryable: true,
      reason: 'timeout',
      message: 'no answer within 200 ms',
    })
  })

  test('whose peer is not there rejects with an error worth trying again', async () => {
    const peer = await startPeer(kind)
    await peer[Symbol.asyncDispose]()
    const error = await failureOf(notifyBy(peer.config)(PROBLEM, delivery()))
    expect(error).toBeInstanceOf(NotifyError)
    expect(error).toMatchObject({ retryable: true, reason: 'unreachable' })
  })

  test('shows no secret: not in an error, and not in what is traced', async () => {
    const peer = await startPeer(kind)
    const seen: unknown[] = []
    const trace = (exchange: Exchange): void => void seen.push(exchange)
    const notify = notifyBy(peer.config, { trace })
    for (const mood of ['takes', 'fails', 'refuses', 'is overloaded'] as const) {
      peer.behave(mood)
      seen.push(await failureOf(notify(PROBLEM, delivery())))
    }
    await peer[Symbol.asyncDispose]()
    seen.push(await failureOf(notify(PROBLEM, delivery())))
    expect(seen.length).toBeGreaterThanOrEqual(10)
    expect(inspect(seen, { depth: 20, showHidden: true })).not.toContain(SECRET)
    expect(JSON.stringify(seen)).not.toContain(SECRET)
  })

  test('ends at once when alerting stops, with the reason for that', async () => {
    await using peer = await startPeer(kind)
    const notify: Notify = notifyBy(withTimeout(peer.config, '5m'))
    peer.behave('hangs')
    const stop = new AbortController()
    const sending = failureOf(notify(PROBLEM, delivery({ signal: stop.signal })))
    await waitFor(() => peer.identities().length > 0, { what: 'the attempt' })
    const reason = new Error('alerting stops')
    stop.abort(reason)
    expect(await sending).toBe(reason)
  })
})

const withTimeout = (config: Peer['config'], timeout: string): Peer['config'] =>
  Object.fromEntries(
    Object.entries(config).map(([kind, settings]) => [kind, { ...(settings as object), timeout }]),
  )

/** SMTP has no way to ask for it. */
test.each(KINDS.filter((kind) => kind !== 'email'))(
  '%s is left alone as long as it asks for',
  async (kind) => {
    await using peer = await startPeer(kind)
    peer.behave('is overloaded')
    const error = await failureOf(notifyBy(peer.config)(PROBLEM, delivery()))
    expect(error).toMatchObject({ retryAfterMs: kind === 'discord' ? 6_500 : 7_000 })
  },
)
