import type { z } from 'zod'
import type { receiverSchema } from '../../../../lib/config/receivers.ts'
import { type Answer, type Request, startHttpService } from './http-service.ts'
import { headerOf, startMailService } from './mail-service.ts'

export type ReceiverInput = Omit<z.input<typeof receiverSchema>, 'name'>
type Mood = 'takes' | 'fails' | 'refuses' | 'is overloaded' | 'hangs'

/** Somebody who is told, well or ill; what he sees is read back out of it. */
export type Peer = AsyncDisposable & {
  readonly config: ReceiverInput
  behave(mood: Mood): void
  /** `problem` or `resolution` for each message that was taken, in order. */
  told(): string[]
  /** What makes two messages one, for each attempt. */
  identities(): string[]
}

/** What every peer answers badly repeats what it was asked, and no error may. */
export const SECRET = 'hunter2-0123456789'

type HttpKind = {
  readonly config: (url: string) => ReceiverInput
  /** What a request that was taken is answered with. */
  readonly taken?: Answer
  /** In place of 429 with Retry-After. */
  readonly overloaded?: Answer
  readonly isResolution: (request: Request) => boolean
}

const json = (body: object, status = 200): Answer => ({ status, body: JSON.stringify(body) })
const saysResolved = ({ body }: Request): boolean => body.includes('Resolved after')
const short = { timeout: '1s' }

const HTTP_KINDS: Readonly<Record<string, HttpKind>> = {
  webhook: {
    config: (url) => ({
      webhook: {
        url: `${url}/${SECRET}`,
        secret: SECRET,
        bearer_token: SECRET,
        headers: { 'X-Key': SECRET },
        ...short,
      },
    }),
    isResolution: ({ body }) => (JSON.parse(body) as { status: string }).status === 'resolved',
  },
  alertmanager: {
    config: (url) => ({
      alertmanager: { urls: [url], basic: { username: 'ann', password: SECRET }, ...short },
    }),
    isResolution: ({ body }) =>
      (JSON.parse(body) as { endsAt: string }[]).every(
        ({ endsAt }) => Date.parse(endsAt) < Date.now(),
      ),
  },
  'slack, incoming webhook': {
    config: (url) => ({ slack: { webhook_url: `${url}/services/T0/B0/${SECRET}`, ...short } }),
    taken: { status: 200, body: 'ok' },
    isResolution: saysResolved,
  },
  'slack, bot': {
    config: (url) => ({ slack: { bot_token: SECRET, channel: '#noc', api_url: url, ...short } }),
    taken: json({ ok: true, channel: 'C1', ts: '171.1' }),
    isResolution: saysResolved,
  },
  teams: {
    config: (url) => ({ teams: { webhook_url: `${url}/workflows/x?sig=${SECRET}`, ...short } }),
    taken: { status: 202 },
    isResolution: saysResolved,
  },
  telegram: {
    config: (url) => ({
      telegram: { bot_token: SECRET, chat_id: -100123, api_url: url, ...short },
    }),
    taken: json({ ok: true, result: { message_id: 7 } }),
    overloaded: json({ ok: false, parameters: { retry_after: 7 } }, 429),
    isResolution: saysResolved,
  },
  discord: {
    config: (url) => ({ discord: { webhook_url: `${url}/api/webhooks/1/${SECRET}`, ...short } }),
    taken: json({ id: '99' }),
    overloaded: json({ message: 'rate limited', retry_after: 6.5 }, 429),
    isResolution: saysResolved,
  },
  pagerduty: {
    config: (url) => ({ pagerduty: { routing_key: SECRET, api_url: url, ...short } }),
    taken: { status: 202 },
    isResolution: ({ body }) =>
      (JSON.parse(body) as { event_action: string }).event_action === 'resolve',
  },
  opsgenie: {
    config: (url) => ({ opsgenie: { api_key: SECRET, api_url: url, ...short } }),
    taken: { status: 202 },
    isResolution: ({ path }) => path.includes('/close?'),
  },
}

export const KINDS: readonly string[] = [...Object.keys(HTTP_KINDS), 'email']

export async function startPeer(name: string): Promise<Peer> {
  const kind = HTTP_KINDS[name]
  return kind === undefined ? startMailPeer() : startHttpPeer(kind)
}

async function startHttpPeer({
  config,
  taken = { status: 200 },
  overloaded = { status: 429, headers: { 'retry-after': '7' } },
  isResolution,
}: HttpKind): Promise<Peer> {
  const tellings: string[] = []
  let mood: Mood = 'takes'
  const service = await startHttpService((request) => {
    // As careless as an answer can be.
    const echo = `not today: ${request.path} ${JSON.stringify(request.headers)} ${request.body}`
    switch (mood) {
      case 'takes':
        tellings.push(isResolution(request) ? 'resolution' : 'problem')
        return taken
      case 'fails':
        return { status: 500, body: echo }
      case 'refuses':
        return { status: 400, body: echo }
      case 'is overloaded':
        return overloaded
      case 'hangs':
        return 'hang'
    }
  })
  return {
    config: config(service.url),
    behave(next) {
      mood = next
    },
    told: () => tellings,
    identities: () =>
      service.requests.map(({ headers, body, path }) =>
        [headers['idempotency-key'], path, body.replaceAll(/"endsAt":"[^"]*"/g, '')].join(' '),
      ),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  }
}

const CODES = {
  takes: 'take',
  fails: 451,
  refuses: 554,
  'is overloaded': 452,
  hangs: 'hang',
} as const

async function startMailPeer(): Promise<Peer> {
  const service = await startMailService()
  return {
    config: {
      email: {
        host: '127.0.0.1',
        port: service.port,
        encryption: 'none',
        username: 'ann',
        password: SECRET,
        from: 'wardline <wardline@example.com>',
        to: ['noc@example.com'],
        ...short,
      },
    },
    behave: (mood) => service.behave(CODES[mood]),
    told: () =>
      service.mails
        .filter(({ isTaken }) => isTaken)
        .map(({ text }) => (text.includes('Resolved after') ? 'resolution' : 'problem')),
    identities: () => service.mails.map((mail) => String(headerOf(mail, 'Message-ID'))),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  }
}
