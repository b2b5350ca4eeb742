import { systemClock } from '../../../lib/clock.ts'
import type { KindConfig } from '../../../lib/config/receivers.ts'
import { Secret } from '../../../lib/secret.ts'
import { takeCredentials } from '../../../lib/url-credentials.ts'
import type { NotifiedAlert, Notify } from '../notification.ts'
import { NotifyError } from '../notify-error.ts'
import { alertBody } from './alert-body.ts'
import { ownHeaders, ownSecrets } from './authorization.ts'
import type { Externals } from './externals.ts'
import { origin } from './hide.ts'
import { type Send, createSend } from './http.ts'

/** Alerts in one request. */
const AT_MOST = 1_000
/** What one Alertmanager didn't take is kept for it up to this many alerts. */
const OWED = 10_000
/** An alert is let lapse after it wasn't told again for this many turns, as vmalert has it. */
const TURNS = 4

/** One of several Alertmanagers, and the alerts that it is owed, by fingerprint. */
type Peer = {
  readonly shown: string
  readonly owed: Map<string, NotifiedAlert>
  failing: boolean
  post(body: string, idempotencyKey: string, signal: AbortSignal): Promise<string>
}

/**
 * Alertmanager's own API. An alert that fires ends there by itself unless it is sent again, every `refreshMs`: so all
 * that is told is told as of now. Each of several gets every alert. A notification is taken once one of them took it:
 * one that is away holds up no other. What it missed goes along with whatever it is sent next.
 */
export function createAlertmanager(
  receiver: string,
  settings: KindConfig<'alertmanager'>,
  refreshMs: number,
  externals: Externals,
): Notify {
  const { clock = systemClock, log } = externals
  const send = createSend(settings, externals, {
    secrets: [...ownSecrets(settings), ...settings.urls.map((url) => new Secret(url))],
  })
  const peers = settings.urls.map((url) => createPeer(url, settings, send))

  async function tell(
    peer: Peer,
    alerts: ReadonlyMap<string, NotifiedAlert>,
    idempotencyKey: string,
    signal: AbortSignal,
  ): Promise<void> {
    const all = [...new Map([...peer.owed, ...alerts])]
    const until = new Date(clock.now() + TURNS * refreshMs).toISOString()
    for (let start = 0; start < all.length; start += AT_MOST) {
      const part = all.slice(start, start + AT_MOST)
      const bodies = part.map(([, alert]) => postable(alert, until, externals))
      await peer.post(JSON.stringify(bodies), idempotencyKey, signal)
      for (const [key, alert] of part)
        if (alerts.has(key) || peer.owed.get(key) === alert) peer.owed.delete(key)
    }
  }

  return async ({ alerts }, { idempotencyKey, signal }) => {
    const told = new Map(alerts.map((alert) => [alertBody(alert, externals).fingerprint, alert]))
    const outcomes = await Promise.all(
      peers.map(async (peer) => {
        try {
          await tell(peer, told, idempotencyKey, signal)
          return { peer, error: null }
        } catch (error) {
          if (!(error instanceof NotifyError)) throw error
          return { peer, error }
        }
      }),
    )
    const errors = outcomes.flatMap(({ error }) => error ?? [])
    if (errors.length === peers.length)
      throw errors.find(({ retryable }) => retryable) ?? errors[0] ?? new Error('no Alertmanager')
    for (const { peer, error } of outcomes) {
      if (error?.retryable === true) keepFor(peer, told)
      const what = { receiver, url: peer.shown, ...(error && { reason: error.message }) }
      if (error !== null && !peer.failing) log?.warn(what, 'one of several Alertmanagers fails')
      if (error === null && peer.failing) log?.info(what, 'Alertmanager takes alerts again')
      peer.failing = error !== null
    }
  }
}

function createPeer(text: string, settings: KindConfig<'alertmanager'>, send: Send): Peer {
  const { url, authorization } = takeCredentials(text)
  const headers = {
    ...(authorization === undefined ? {} : { authorization }),
    ...ownHeaders(settings),
  }
  return {
    shown: origin(url),
    owed: new Map(),
    failing: false,
    post: (body, idempotencyKey, signal) =>
      send(
        {
          url: `${url.replace(/\/$/, '')}/api/v2/alerts`,
          shown: `${origin(url)}/api/v2/alerts`,
          headers: { ...headers, 'idempotency-key': idempotencyKey },
          body,
        },
        signal,
      ),
  }
}

/** The newest of each alert; of too many the oldest are let go: those that fire are told again anyway. */
function keepFor({ owed }: Peer, alerts: ReadonlyMap<string, NotifiedAlert>): void {
  for (const [key, alert] of alerts) {
    owed.delete(key)
    owed.set(key, alert)
  }
  for (const key of owed.keys()) {
    if (owed.size <= OWED) return
    owed.delete(key)
  }
}

function postable(alert: NotifiedAlert, until: string, externals: Externals): object {
  const { labels, annotations, startsAt, endsAt, generatorURL } = alertBody(alert, externals)
  return {
    labels,
    annotations,
    startsAt,
    endsAt: alert.endsAt === 0 ? until : endsAt,
    generatorURL,
  }
}
