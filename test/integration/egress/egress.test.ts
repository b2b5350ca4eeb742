import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, type Server, createServer } from 'node:net'
import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createOidc } from '../../../api/auth/oidc.ts'
import type { NotifyError } from '../../../alerting/notify/notify-error.ts'
import { passOn } from '../../../alerting/http/standby.ts'
import { receiverOf } from '../../../alerting/notify/receivers/index.ts'
import { loadRuleFiles } from '../../../alerting/rule-files/load.ts'
import { authSchema } from '../../../lib/config/auth.ts'
import { receiverSchema } from '../../../lib/config/receivers.ts'
import { type Egress, type Resolve, createEgress } from '../../../lib/egress/egress.ts'
import type { Redis } from '../../../lib/redis.ts'
import { notification } from './notification.ts'

/** Where clouds have their metadata. Here it is this machine, and counts who comes. */
const METADATA = '169.254.169.254'
let arrived = 0
let metadata: Server
let good: Server
let port: number

beforeAll(async () => {
  execFileSync('ip', ['address', 'add', `${METADATA}/32`, 'dev', 'lo'])
  const listener = () =>
    createHttp((request, response) => {
      request.resume()
      if (request.url === '/away')
        response.writeHead(302, { location: `http://${METADATA}:${port}/rules` })
      response.end('groups: []')
    })
  good = listener()
  good.listen(0, '127.0.0.1')
  await once(good, 'listening')
  ;({ port } = good.address() as AddressInfo)
  metadata = createServer((socket) => {
    arrived++
    socket.destroy()
  })
  metadata.listen(port, METADATA)
  await once(metadata, 'listening')
})
beforeEach(() => {
  arrived = 0
})
afterAll(() => {
  good.close()
  metadata.close()
})

const CLOSED = createEgress({ allow: [], deny: [] })

async function send(config: object, egress: Egress): Promise<NotifyError | null> {
  const receiver = receiverOf(receiverSchema.parse({ name: 'r', ...config }), {
    externalUrl: 'http://127.0.0.1',
    externalLabels: {},
    egress,
  })
  const delivery = {
    idempotencyKey: 'k',
    reference: null,
    signal: AbortSignal.timeout(10_000),
  }
  return receiver.notify(notification, delivery).then(
    () => null,
    (error: NotifyError) => error,
  )
}

const webhook = (url: string, egress = CLOSED): Promise<NotifyError | null> =>
  send({ webhook: { url, timeout: '3s' } }, egress)

const REFUSED = {
  message: expect.stringContaining('nothing is sent there unless egress.allow has it') as string,
  reason: 'unreachable',
  // Whoever answers for a name may answer better tomorrow: no alert is lost meanwhile.
  retryable: true,
}

describe('a receiver', () => {
  test.each([
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '[::ffff:169.254.169.254]',
  ])('at the metadata of a cloud, as http://%s, gets no connection', async (host) => {
    expect(await webhook(`http://${host}:${port}/`)).toMatchObject(REFUSED)
    expect(arrived).toBe(0)
  })

  test('is reached on loopback and in private networks', async () => {
    expect(await webhook(`http://127.0.0.1:${port}/`)).toBeNull()
    expect(await webhook(`http://localhost:${port}/`)).toBeNull()
  })

  test('whose name means the metadata of a cloud by the time of the connection gets none', async () => {
    const answers = ['127.0.0.1', METADATA]
    const asked: string[] = []
    const resolve: Resolve = (name, _options, callback) => {
      asked.push(name)
      callback(null, [{ address: answers[asked.length - 1] ?? METADATA, family: 4 }])
    }
    // A connection that stays open would not ask again: each agent is a start of its own.
    const url = `http://rebinding.example:${port}/`
    expect(await webhook(url, createEgress({ allow: [], deny: [] }, { resolve }))).toBeNull()
    expect(await webhook(url, createEgress({ allow: [], deny: [] }, { resolve }))).toMatchObject(
      REFUSED,
    )
    expect(asked).toEqual(['rebinding.example', 'rebinding.example'])
    expect(arrived).toBe(0)
  })

  test('of a name with good and bad addresses is reached at the good ones', async () => {
    const resolve: Resolve = (_name, _options, callback) =>
      callback(null, [
        { address: METADATA, family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    const egress = createEgress({ allow: [], deny: [] }, { resolve })
    expect(await webhook(`http://both.example:${port}/`, egress)).toBeNull()
    expect(arrived).toBe(0)
  })

  test('is reached where egress.allow has it, and not where egress.deny has', async () => {
    await webhook(`http://${METADATA}:${port}/`, createEgress({ allow: [METADATA], deny: [] }))
    expect(arrived).toBe(1)
    const closed = createEgress({ allow: [], deny: ['127.0.0.0/8'] })
    expect(await webhook(`http://127.0.0.1:${port}/`, closed)).toMatchObject(REFUSED)
  })

  test.each(['169.254.169.254', '2852039166', '::ffff:169.254.169.254'])(
    'of mail at %s gets no connection',
    async (host) => {
      const email = {
        host,
        port,
        encryption: 'none',
        from: 'a@example.com',
        to: ['b@example.com'],
        timeout: '3s',
      }
      expect(await send({ email }, CLOSED)).toMatchObject(REFUSED)
      expect(arrived).toBe(0)
    },
  )
})

describe('rules of an address', () => {
  test('are fetched', async () => {
    const { problems } = await loadRuleFiles([`http://127.0.0.1:${port}/rules`], '/', {
      egress: CLOSED,
    })
    expect(problems).toEqual([])
  })

  test.each(['/away', null])(
    'are not fetched from the metadata of a cloud, led there by %s or not',
    async (path) => {
      const address =
        path === null ? `http://${METADATA}:${port}/` : `http://127.0.0.1:${port}${path}`
      const { problems } = await loadRuleFiles([address], '/', { egress: CLOSED })
      expect(problems.map(({ message }) => message)).toEqual([
        expect.stringContaining('nothing is sent there unless egress.allow has it'),
      ])
      expect(arrived).toBe(0)
    },
  )
})

describe('a provider of sign-ins', () => {
  test('at the metadata of a cloud gets no connection', async () => {
    const { oidc } = authSchema.parse({
      oidc: {
        issuer: `https://${METADATA}:${port}`,
        client_id: 'wardline',
        client_secret: 'x',
        roles: [{ role: 'viewer' }],
      },
    })
    if (oidc === undefined) throw new Error('no provider')
    const redis = {} as Redis
    const provider = createOidc({
      config: oidc,
      externalUrl: 'http://127.0.0.1',
      redis,
      egress: CLOSED,
    })
    await expect(provider.begin('/')).rejects.toMatchObject({ reason: 'unavailable' })
    expect(arrived).toBe(0)
  })
})

test('a leader at the metadata of a cloud, as Redis may say, is not asked by an instance that stands by', async () => {
  const leader = { instance: 'other', url: `http://${METADATA}:${port}`, token: 1, since: 0 }
  const role = { role: 'standby', token: null, leader, isAlone: false, vacantMs: 0 } as const
  const standby = passOn({ current: () => role })
  const answer = await new Hono().use(standby).request('/api/v1/rules')
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain('nothing is sent there unless egress.allow has it')
  expect(arrived).toBe(0)
})
