import { describe, expect, test } from 'vitest'
import type { Notification, Notify } from '../../../../alerting/notify/notification.ts'
import {
  T,
  delivery,
  notificationOf,
  notifyBy,
  outage,
} from '../../../unit/alerting/notify/receivers/stand.ts'
import { type Answer, type HttpService, type Request, startHttpService } from './http-service.ts'
import type { ReceiverInput } from './peers.ts'

const json = (body: object, status = 200): Answer => ({ status, body: JSON.stringify(body) })
const bodyOf = (request: Request | undefined): Record<string, unknown> =>
  JSON.parse(request?.body ?? '{}') as Record<string, unknown>

const grown = outage('router-1', 0, {
  annotations: { summary: 'router-1 is down', unreachable: '7' },
})
const over = outage('router-1', T + 60_000)

type ChatKind = {
  readonly kind: string
  readonly config: (url: string) => ReceiverInput
  readonly reference: string
  readonly answer: (request: Request) => Answer
  readonly isEdit: (request: Request) => boolean
  /** Its way to say that there is no such message. */
  readonly gone: Answer
}

let posted = 0
const CHATS: readonly ChatKind[] = [
  {
    kind: 'slack',
    config: (url) => ({ slack: { bot_token: 'xoxb-1', channel: '#noc', api_url: url } }),
    reference: 'C1:1.5',
    answer: () => json({ ok: true, channel: 'C1', ts: '1.5' }),
    isEdit: ({ path }) => path === '/chat.update',
    gone: json({ ok: false, error: 'message_not_found' }),
  },
  {
    kind: 'telegram',
    config: (url) => ({ telegram: { bot_token: '1:x', chat_id: '-100', api_url: url } }),
    reference: '-100:7',
    answer: () => json({ ok: true, result: { message_id: 7 } }),
    isEdit: ({ path }) => path.endsWith('/editMessageText'),
    gone: json({ ok: false, description: 'Bad Request: message to edit not found' }, 400),
  },
  {
    kind: 'discord',
    config: (url) => ({ discord: { webhook_url: `${url}/api/webhooks/1/token` } }),
    reference: '99',
    answer: () => json({ id: '99' }),
    isEdit: ({ method }) => method === 'PATCH',
    gone: json({ message: 'Unknown Message', code: 10_008 }, 404),
  },
]

describe.each(CHATS)('$kind', ({ config, reference, answer, isEdit, gone }) => {
  const started = async (how = answer): Promise<{ service: HttpService; notify: Notify }> => {
    const service = await startHttpService(how)
    return { service, notify: notifyBy(config(service.url)) }
  }
  const kinds = ({ requests }: HttpService): string[] =>
    requests.map((request) => (isEdit(request) ? 'edit' : 'post'))
  const later = (given: Partial<Notification>, alerts = [grown]): Notification =>
    notificationOf(alerts, given)

  test('posts the first message and gives its reference', async () => {
    const { service, notify } = await started()
    await using _service = service
    expect(await notify(notificationOf(), delivery())).toBe(reference)
    expect(kinds(service)).toEqual(['post'])
  })

  test('edits it in place when the outage grew', async () => {
    const { service, notify } = await started()
    await using _service = service
    const again = await notify(later({ reason: 'updated' }), delivery({ reference }))
    expect(again).toBe(reference)
    expect(kinds(service)).toEqual(['edit'])
    expect(service.requests[0]?.body).toContain('7 devices unreachable behind it')
  })

  test('edits it and posts an answer when it is over', async () => {
    const { service, notify } = await started()
    await using _service = service
    const notification = later({ reason: 'all alerts resolved' }, [over])
    expect(await notify(notification, delivery({ reference }))).toBe(reference)
    expect(kinds(service)).toEqual(['edit', 'post'])
    for (const { body } of service.requests) expect(body).toContain('Resolved after 1m')
  })

  test('posts anew when it is told again after the repeat interval', async () => {
    const { service, notify } = await started()
    await using _service = service
    await notify(later({ reason: 'repeat interval elapsed' }), delivery({ reference }))
    expect(kinds(service)).toEqual(['post'])
  })

  test('posts anew where the message was deleted', async () => {
    const { service, notify } = await started((request) =>
      isEdit(request) ? gone : answer(request),
    )
    await using _service = service
    await notify(later({ reason: 'updated' }), delivery({ reference }))
    expect(kinds(service)).toEqual(['edit', 'post'])
  })

  test('posts nothing while an edit fails, so that a retry repeats nothing', async () => {
    const { service, notify } = await started(() => ({ status: 500 }))
    await using _service = service
    const notification = later({ reason: 'all alerts resolved' }, [over])
    await expect(notify(notification, delivery({ reference }))).rejects.toMatchObject({
      retryable: true,
    })
    expect(kinds(service)).toEqual(['edit'])
  })
})

describe('slack', () => {
  test.each(['edit_window_closed', 'channel_not_found', 'not_in_channel', 'is_archived'])(
    'that refuses to edit (%s) is sent the message where it is to be now',
    async (error) => {
      await using service = await startHttpService(({ path }) =>
        json(path === '/chat.update' ? { ok: false, error } : { ok: true, channel: 'C2', ts: '3' }),
      )
      const notify = notifyBy(CHATS[0]?.config(service.url) ?? {})
      const notification = notificationOf([over], { reason: 'all alerts resolved' })
      expect(await notify(notification, delivery({ reference: 'C1:1.5' }))).toBe('C2:3')
      expect(bodyOf(service.requests[1])).toMatchObject({ channel: '#noc' })
    },
  )

  test.each([
    ['ratelimited', { retryable: true, reason: 'overloaded' }],
    ['internal_error', { retryable: true, reason: 'failed' }],
    ['invalid_auth', { retryable: false, reason: 'unauthorized' }],
    ['channel_not_found', { retryable: false, reason: 'refused' }],
  ])('that answers 200 and says %s has taken nothing', async (error, expected) => {
    await using service = await startHttpService(() => json({ ok: false, error }))
    const notify = notifyBy(CHATS[0]?.config(service.url) ?? {})
    await expect(notify(notificationOf(), delivery())).rejects.toMatchObject({
      ...expected,
      message: `answered ${error}`,
    })
  })

  test('answers in the thread, where the channel sees it too', async () => {
    await using service = await startHttpService(() => json({ ok: true, channel: 'C1', ts: '2' }))
    const notify = notifyBy(CHATS[0]?.config(service.url) ?? {})
    await notify(notificationOf([over]), delivery({ reference: 'C1:1.5' }))
    expect(bodyOf(service.requests[1])).toMatchObject({
      channel: 'C1',
      thread_ts: '1.5',
      reply_broadcast: true,
    })
  })

  test('takes no signs of a name for links or mentions', async () => {
    await using service = await startHttpService(() => ({ status: 200, body: 'ok' }))
    const notify = notifyBy({ slack: { webhook_url: `${service.url}/services/x` } })
    const alert = outage('<!channel> & co')
    await notify(notificationOf([alert]), delivery())
    expect(bodyOf(service.requests[0])['text']).toContain('&lt;!channel&gt; &amp; co')
    expect(service.requests[0]?.body).not.toContain('<!channel>')
  })
})

describe('telegram', () => {
  test('edits no message of another chat that has the same number', async () => {
    await using service = await startHttpService(() =>
      json({ ok: true, result: { message_id: 8 } }),
    )
    const notify = notifyBy(CHATS[1]?.config(service.url) ?? {})
    const notification = notificationOf([over], { reason: 'all alerts resolved' })
    expect(await notify(notification, delivery({ reference: '-200:7' }))).toBe('-100:8')
    expect(service.requests.map(({ path }) => path)).toEqual(['/bot1:x/sendMessage'])
  })

  test('a message that is as it should be counts as edited', async () => {
    const same = { ok: false, description: 'Bad Request: message is not modified: …' }
    await using service = await startHttpService(() => json(same, 400))
    const notify = notifyBy(CHATS[1]?.config(service.url) ?? {})
    const notification = notificationOf([grown], { reason: 'updated' })
    expect(await notify(notification, delivery({ reference: '-100:7' }))).toBe('-100:7')
    expect(service.requests).toHaveLength(1)
  })

  test('no message is longer than Telegram takes, and none is cut within its markup', async () => {
    await using service = await startHttpService(() =>
      json({ ok: true, result: { message_id: ++posted } }),
    )
    const notify = notifyBy(CHATS[1]?.config(service.url) ?? {})
    const alerts = Array.from({ length: 500 }, (_, index) => outage(`<router> & ${index}`))
    await notify(notificationOf(alerts), delivery())
    const text = String(bodyOf(service.requests[0])['text'])
    expect(text.length).toBeLessThanOrEqual(4_096)
    expect(text).toMatch(/… and \d+ more$/)
    expect(text.match(/<b>/g)?.length).toBe(text.match(/<\/b>/g)?.length)
  })
})

test('discord names nobody, whatever an alert says', async () => {
  await using service = await startHttpService(() => json({ id: '99' }))
  const notify = notifyBy(CHATS[2]?.config(service.url) ?? {})
  await notify(notificationOf([outage('@everyone')]), delivery())
  expect(bodyOf(service.requests[0])).toMatchObject({ allowed_mentions: { parse: [] } })
  expect(service.requests[0]?.path).toBe('/api/webhooks/1/token?wait=true')
})

test('teams gets an Adaptive Card in a message, below its limit of 28 KB', async () => {
  await using service = await startHttpService(() => ({ status: 202 }))
  const notify = notifyBy({ teams: { webhook_url: `${service.url}/workflows/x` } })
  const alerts = Array.from({ length: 500 }, (_, index) => outage(`სოფლის როუტერი ${index}`))
  await notify(notificationOf(alerts), delivery())
  const [request] = service.requests
  expect(Buffer.byteLength(request?.body ?? '')).toBeLessThan(28 * 1024)
  expect(bodyOf(request)).toMatchObject({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: { type: 'AdaptiveCard', fallbackText: '500 problems: DeviceDown, Vake' },
      },
    ],
  })
})
