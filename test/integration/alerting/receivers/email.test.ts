import { describe, expect, test } from 'vitest'
import {
  T,
  delivery,
  notificationOf,
  notifyBy,
  outage,
} from '../../../unit/alerting/notify/receivers/stand.ts'
import { selfSigned } from './certificate.ts'
import { type MailService, headerOf, startMailService } from './mail-service.ts'
import { recordLog } from '../../../fakes/log.ts'

const emailTo = (
  port: number,
  given: object = {},
  externals: Parameters<typeof notifyBy>[1] = {},
) =>
  notifyBy(
    {
      email: {
        host: '127.0.0.1',
        port,
        encryption: 'none',
        from: 'wardline <wardline@noc.example>',
        to: ['ann@example.com', 'Ben <ben@example.com>'],
        ...given,
      },
    },
    externals,
  )

test('an outage is one thread: update and resolution answer to its first mail, under its subject', async () => {
  await using service = await startMailService()
  const notify = emailTo(service.port)
  const first = await notify(notificationOf([outage('router-1')]), delivery())
  const reference = String(first)
  const grown = notificationOf([outage('router-1'), outage('router-2')], {
    reason: 'new alerts added',
  })
  expect(await notify(grown, delivery({ idempotencyKey: 'key-2', reference }))).toBe(reference)
  const over = notificationOf([outage('router-1', T + 60_000)])
  await notify(over, delivery({ idempotencyKey: 'key-3', reference }))

  const { mails } = service
  expect(mails.map((mail) => headerOf(mail, 'Subject'))).toEqual([
    'router-1 is down',
    'Re: router-1 is down',
    'Re: router-1 is down',
  ])
  expect(mails.map((mail) => headerOf(mail, 'Message-ID'))).toEqual([
    '<key-1@noc.example>',
    '<key-2@noc.example>',
    '<key-3@noc.example>',
  ])
  for (const header of ['In-Reply-To', 'References'])
    expect(mails.map((mail) => headerOf(mail, header))).toEqual([
      undefined,
      '<key-1@noc.example>',
      '<key-1@noc.example>',
    ])
})

test('a mail goes to all its readers, as text and as HTML, and says that a program wrote it', async () => {
  await using service = await startMailService()
  await emailTo(service.port)(notificationOf([outage('<b>router</b>')]), delivery())
  const [mail] = service.mails
  expect(mail).toMatchObject({
    from: 'wardline@noc.example',
    to: ['ann@example.com', 'ben@example.com'],
  })
  expect(mail && headerOf(mail, 'Auto-Submitted')).toBe('auto-generated')
  expect(mail?.text).toContain('Content-Type: text/plain')
  expect(mail?.text).toContain('Content-Type: text/html')
  expect(mail?.text.replaceAll('=\r\n', '')).toContain('&lt;b&gt;router&lt;/b&gt; is down')
})

describe('where a server takes a mail for some of its readers', () => {
  const refusing = (code: () => number) =>
    startMailService({
      onRcptTo({ address }, _session, done) {
        const responseCode = address.startsWith('ben') ? code() : 0
        done(responseCode === 0 ? null : Object.assign(new Error('no'), { responseCode }))
      },
    })
  const readersOf = ({ mails }: MailService) => mails.map(({ to }) => to)

  test('the others get it as soon as it takes it for them, alone', async () => {
    let code = 450
    await using service = await refusing(() => code)
    const notify = emailTo(service.port)
    const sending = notify(notificationOf(), delivery())
    await expect(sending).rejects.toMatchObject({ retryable: true, reason: 'overloaded' })
    code = 0
    await notify(notificationOf(), delivery())
    expect(readersOf(service)).toEqual([['ann@example.com'], ['ben@example.com']])
    await notify(notificationOf(), delivery({ idempotencyKey: 'key-2' }))
    expect(readersOf(service)[2]).toEqual(['ann@example.com', 'ben@example.com'])
  })

  test.each([
    ['at once', [550]],
    ['after it asked for patience', [450, 550]],
  ])('one whom it never takes (%s) keeps nobody else waiting, and is named', async (_, codes) => {
    await using service = await refusing(() => codes.shift() ?? 550)
    const { log, lines } = recordLog()
    const notify = emailTo(service.port, {}, { log })
    if (codes.length > 1) await notify(notificationOf(), delivery()).catch(() => {})
    expect(await notify(notificationOf(), delivery())).toContain('key-1')
    expect(readersOf(service)).toEqual([['ann@example.com']])
    expect(lines).toMatchObject([{ recipient: 'ben@example.com', receiver: 'ops' }])
  })
})

test('the text of an alert adds no header', async () => {
  await using service = await startMailService()
  const alert = outage('a', 0, { annotations: { summary: 'down\r\nBcc: eve@example.com' } })
  await emailTo(service.port)(notificationOf([alert]), delivery())
  const [mail] = service.mails
  expect(mail?.to).toEqual(['ann@example.com', 'ben@example.com'])
  expect(mail && headerOf(mail, 'Bcc')).toBeUndefined()
})

test('a wrong user or password is no reason to try again', async () => {
  await using service = await startMailService()
  const notify = emailTo(service.port, { username: 'eve', password: 'hunter2' })
  await expect(notify(notificationOf(), delivery())).rejects.toMatchObject({
    retryable: false,
    reason: 'unauthorized',
    message: expect.not.stringContaining('hunter2'),
  })
})

test('a server without STARTTLS is told nothing in the clear', async () => {
  await using service = await startMailService()
  const notify = emailTo(service.port, { encryption: 'starttls' })
  await expect(notify(notificationOf(), delivery())).rejects.toMatchObject({ retryable: true })
  expect(service.mails).toEqual([])
})

test.each(['starttls', 'tls'] as const)(
  'by %s, to a server whose certificate is trusted alone',
  async (encryption) => {
    const { key, cert } = selfSigned('mail.example')
    await using service = await startMailService({
      secure: encryption === 'tls',
      disabledCommands: [],
      key,
      cert,
    })

    const stranger = emailTo(service.port, { encryption })
    await expect(stranger(notificationOf(), delivery())).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringMatching(/certificate/),
    })
    expect(service.mails).toEqual([])
    const tls = { ca: cert, server_name: 'mail.example' }
    await emailTo(service.port, { encryption, tls })(notificationOf(), delivery())
    expect(service.mails).toHaveLength(1)
  },
)
