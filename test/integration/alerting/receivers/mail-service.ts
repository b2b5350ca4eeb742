import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { SMTPServer } from 'smtp-server'

export type Mail = {
  readonly from: string
  readonly to: readonly string[]
  readonly text: string
  readonly isTaken: boolean
}

/**
 * A mail server that keeps all that it is sent, and takes it, refuses it with an SMTP code or says nothing. It knows
 * one user, ann, and repeats her password as no server should.
 */
export type MailService = AsyncDisposable & {
  readonly port: number
  /** Those that were refused, too. */
  readonly mails: readonly Mail[]
  behave(how: 'take' | 'hang' | number): void
}

export async function startMailService(
  options: ConstructorParameters<typeof SMTPServer>[0] = {},
): Promise<MailService> {
  const mails: Mail[] = []
  let how: 'take' | 'hang' | number = 'take'
  let known = ''
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onAuth({ username, password }, _session, done) {
      known = `${username} ${password}`
      if (username === 'ann') done(null, { user: username })
      else done(Object.assign(new Error(`who is ${known}?`), { responseCode: 535 }))
    },
    onData(stream, session, done) {
      let text = ''
      stream.setEncoding('utf8')
      stream.on('data', (part: string) => (text += part))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        const to = rcptTo.map(({ address }) => address)
        mails.push({ from, to, text, isTaken: how === 'take' })
        if (how === 'take') done(null, 'queued as 1')
        else if (how !== 'hang')
          done(Object.assign(new Error(`not today, ${known}`), { responseCode: how }))
      })
    },
    ...options,
  })
  server.on('error', () => {}) // a client that goes away
  const listening: Server = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return {
    port: (listening.address() as AddressInfo).port,
    mails,
    behave(next) {
      how = next
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** A header of a mail, unfolded. */
export function headerOf({ text }: Mail, name: string): string | undefined {
  const head = text.split('\r\n\r\n')[0]?.replaceAll(/\r\n[ \t]+/g, ' ') ?? ''
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]
}
