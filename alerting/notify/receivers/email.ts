import type { Socket } from 'node:net'
import { callbackify } from 'node:util'
import { type SendMailOptions, createTransport } from 'nodemailer'
import type { KindConfig } from '../../../lib/config/receivers.ts'
import { BUILT_IN_EGRESS, type Egress } from '../../../lib/egress/egress.ts'
import type { Notify } from '../notification.ts'
import { NotifyError, type NotifyReason } from '../notify-error.ts'
import type { Compose } from './chat.ts'
import type { Externals } from './externals.ts'
import { hideSecrets } from './hide.ts'
import { HTML, PLAIN, bodyOf, colourOf } from './markup.ts'
import { type Message, cut } from './message.ts'
import { type Refusal, createReaders } from './readers.ts'

type Settings = KindConfig<'email'>

const MOST_OF_SUBJECT = 200
const MOST_OF_BODY = 100_000
const PORTS = { starttls: 587, tls: 465, none: 25 } as const

/** The first message of a thread, by which the others join it. */
type Thread = { readonly id: string; readonly subject: string }

/**
 * A mail for each notification. All of an outage are one thread: they answer to its first, under its subject (programs
 * that sort by subject would part them). The same message has the same Message-ID, however often it is tried.
 */
export function createEmail(
  receiver: string,
  settings: Settings,
  compose: Compose,
  externals: Externals,
): Notify {
  const { host, encryption, from, to } = settings
  const port = settings.port ?? PORTS[encryption]
  const deliver = createDeliver(settings, port, externals.egress)
  const readers = createReaders(to, receiver, externals)
  const domain = /@([^>\s]+)>?$/.exec(from)?.[1] ?? 'wardline'

  return async (notification, { idempotencyKey, reference, signal }) => {
    const message = await compose(notification)
    const thread = notification.reason === 'first notification' ? null : parseThread(reference)
    const id = `<${idempotencyKey}@${domain}>`
    const subject = thread?.subject ?? cut(message.title, MOST_OF_SUBJECT)
    const mail: SendMailOptions = {
      from,
      to: [...to],
      envelope: { from, to: [...readers.of(idempotencyKey)] },
      messageId: id,
      subject: thread === null ? subject : `Re: ${subject}`,
      ...(thread === null ? {} : { inReplyTo: thread.id, references: thread.id }),
      text: textOf(message),
      html: htmlOf(message),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      ...(isUrgent(message) ? { priority: 'high' } : {}),
    }
    const startedAt = performance.now()
    const tell = (answer: string): void =>
      externals.trace?.({
        what: `mail to ${to.join(', ')} by ${host}:${port}`,
        bytes: Buffer.byteLength(String(mail.text)) + Buffer.byteLength(String(mail.html)),
        ms: performance.now() - startedAt,
        answer,
      })
    try {
      const { answer, refusals } = await deliver(mail, signal)
      tell(answer)
      readers.settle(idempotencyKey, refusals)
    } catch (error) {
      if (!(error instanceof NotifyError)) throw error
      tell(error.message)
      if (!readers.isSettled(idempotencyKey, error)) throw error
    }
    return JSON.stringify(thread ?? { id, subject })
  }
}

type TakeSocket = (error: Error | null, socket: { connection: Socket }) => void

/** Sends one mail over a connection of its own; resolves with the server's answer, and who it wasn't taken for. */
function createDeliver(
  { host, encryption, username, password, timeout: timeoutMs, tls }: Settings,
  port: number,
  egress: Egress = BUILT_IN_EGRESS,
): (
  mail: SendMailOptions,
  signal: AbortSignal,
) => Promise<{ answer: string; refusals: readonly Refusal[] }> {
  const hide = hideSecrets([password, tls?.key])
  const dial = callbackify(async () => ({
    connection: await egress.dial({ host, port }, AbortSignal.timeout(timeoutMs)),
  }))
  const transport = createTransport({
    host,
    port,
    // The library would connect by itself, to whatever the name resolves to.
    getSocket: (_options: unknown, callback: TakeSocket) => dial(callback),
    secure: encryption === 'tls',
    requireTLS: encryption === 'starttls',
    ignoreTLS: encryption === 'none',
    ...(username === undefined ? {} : { auth: { user: username, pass: password?.reveal() ?? '' } }),
    tls: {
      ca: tls?.ca,
      cert: tls?.cert,
      key: tls?.key?.reveal(),
      servername: tls?.server_name,
      rejectUnauthorized: tls?.insecure_skip_verify !== true,
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return async (mail, signal) => {
    const timeout = AbortSignal.timeout(timeoutMs)
    const bounded = { ...mail, signal: AbortSignal.any([signal, timeout]) }
    try {
      const { response, rejectedErrors = [] } = await transport.sendMail(bounded)
      return {
        answer: hide(response),
        refusals: rejectedErrors.map((error) => ({
          recipient: error.recipient ?? '',
          error: mailFailure(error, hide),
        })),
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw timeout.aborted
        ? new NotifyError(`no answer within ${timeoutMs} ms`, {
            retryable: true,
            reason: 'timeout',
            cause: error,
          })
        : mailFailure(error as SmtpFailure, hide)
    }
  }
}

type SmtpFailure = Error & {
  readonly code?: string | undefined
  readonly responseCode?: number | undefined
}

/** SMTP's 4yz may be taken later, 5yz never. The library's error isn't kept as the cause: it may repeat what was sent. */
function mailFailure(
  { message, code, responseCode }: SmtpFailure,
  hide: (text: string) => string,
): NotifyError {
  const told = hide(message.split('\n')[0] ?? '')
  // A connection that can't be sealed is none.
  if (responseCode === undefined || code === 'ETLS')
    return new NotifyError(told, { retryable: code !== 'EENVELOPE', reason: 'unreachable' })
  const text = `answered ${told}`
  return new NotifyError(text, { retryable: responseCode < 500, reason: reasonOf(responseCode) })
}

function reasonOf(responseCode: number): NotifyReason {
  if (responseCode === 421 || responseCode === 450 || responseCode === 452) return 'overloaded'
  if (responseCode === 530 || responseCode === 535) return 'unauthorized'
  return responseCode < 500 ? 'failed' : 'refused'
}

function parseThread(reference: string | null): Thread | null {
  if (reference === null) return null
  try {
    const { id, subject } = JSON.parse(reference) as Partial<Thread>
    return typeof id === 'string' && typeof subject === 'string' ? { id, subject } : null
  } catch {
    return null
  }
}

const isUrgent = ({ isResolved, severity }: Message): boolean =>
  !isResolved && severity === 'critical'

const textOf = (message: Message): string =>
  `${message.title}\n\n${bodyOf(message, PLAIN, MOST_OF_BODY)}\n\n${message.link}\n`

function htmlOf(message: Message): string {
  const colour = `#${colourOf(message).toString(16).padStart(6, '0')}`
  const title = HTML.link(HTML.escape(message.title), message.link)
  const body = bodyOf(message, HTML, MOST_OF_BODY).replaceAll('\n', '<br>\n')
  return [
    '<div style="font-family:sans-serif;font-size:14px;line-height:1.5">',
    `<div style="border-left:4px solid ${colour};padding-left:12px">`,
    `<p style="font-size:18px;margin:0 0 8px">${HTML.strong(title)}</p>`,
    `<p style="margin:0">${body}</p>`,
    '</div></div>',
  ].join('\n')
}
