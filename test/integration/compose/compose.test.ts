import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SERVICE_NAMES } from '../../../lib/service.ts'
import { ROOT, copiedIntoImage, readCompose } from '../../compose-file.ts'
import { startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type WardlineProcess, startProcess } from '../../wardline-process.ts'

const { services } = readCompose()

/** Three processes begin at once, each with nothing compiled yet: on a machine that is busy besides that takes its time. */
const START = { timeoutMs: 90_000 }
vi.setConfig({ testTimeout: 240_000 })
let app = ''
let config = ''

// The image as the Dockerfile makes it, but for Debian and npm: what it copies and nothing else.
beforeEach(async () => {
  app = await mkdtemp(join(tmpdir(), 'wardline-image-'))
  for (const [source, to] of copiedIntoImage()) {
    const target = to === './' ? join(app, basename(source)) : join(app, to)
    await cp(join(ROOT, source), target, { recursive: true })
  }
  await symlink(join(ROOT, 'node_modules'), join(app, 'node_modules'))
  await mkdir(join(app, 'etc'))
  config = join(app, 'etc/wardline.yaml')
})
afterEach(() => rm(app, { recursive: true, force: true }))

/** deploy/wardline.yaml, with the addresses of here in place of the names of the compose network. */
async function configure(vmUrl: string, redisUrl: string): Promise<void> {
  const shipped = await readFile(join(ROOT, 'deploy/wardline.yaml'), 'utf8')
  const here = shipped
    .replace('url: http://victoriametrics:8428', `url: ${vmUrl}`)
    .replace('url: redis://redis:6379', `url: ${redisUrl}`)
    .replace('http://alerting:5003', 'http://127.0.0.1:5003')
    .replace('http://collector:5002', 'http://127.0.0.1:5002')
    .replace('address: victoriametrics', 'address: 198.18.0.1')
    .replace('address: redis', 'address: 198.18.0.2')
    .replace('data_dir: /var/lib/wardline', `data_dir: ${join(app, 'data')}`)
  expect(here).not.toMatch(/(redis|\/\/(victoriametrics|alerting|collector)):\d|\/var\/lib/)
  await writeFile(config, here)
}

const argvOf = (name: string): string[] => services[name]?.command ?? []

function startService(name: string): WardlineProcess {
  const [command = '', ...args] = argvOf(name)
  return startProcess(command === 'node' ? process.execPath : command, args, {
    cwd: app,
    env: { WARDLINE_CONFIG: config, NODE_ENV: 'production' },
  })
}

/** As the page does it at http://localhost:5001, with the session that its cookies are of. */
const API = 'http://localhost:5001'
const send = (method: string, path: string, { body, cookie }: { body: object; cookie?: string }) =>
  fetch(`${API}${path}`, {
    method,
    headers: { 'content-type': 'application/json', origin: API, ...(cookie && { cookie }) },
    body: JSON.stringify(body),
  })

async function becomesHealthy(name: string, said: () => string): Promise<void> {
  await waitFor(() => isHealthy(name), {
    ...START,
    intervalMs: 250,
    what: `${name}'s health check`,
  }).catch((error: unknown) => {
    throw new Error(said(), { cause: error })
  })
}

/** The container's own health check, as docker runs it (`$$` is Compose's way to write `$`). */
async function isHealthy(name: string): Promise<boolean> {
  const [kind, command = '', ...args] = services[name]?.healthcheck?.test ?? []
  if (kind !== 'CMD') throw new Error(`${name} has no health check`)
  await using check = startProcess(
    command === 'node' ? process.execPath : command,
    args.map((arg) => arg.replaceAll('$$', '$')),
    { cwd: app, env: {} },
  )
  return (await check.exited) === 0
}

describe('the services of docker-compose.yml', () => {
  test('started by their own commands from what the image holds, each becomes healthy, and together they see a device', async () => {
    await using stores = await startStores()
    await configure(stores.vmUrl, stores.redisUrl)
    await using stack = new AsyncDisposableStack()
    const running = SERVICE_NAMES.map((name) => stack.use(startService(name)))
    const said = () => running.map((service) => service.output()).join('\n')

    for (const name of SERVICE_NAMES) await becomesHealthy(name, said)
    await waitFor(
      async () => {
        const response = await fetch('http://127.0.0.1:5001/api/v1/devices')
        const devices = (await response.json()) as { status: string }[]
        return devices.length === 2 && devices.every(({ status }) => status === 'up')
      },
      { ...START, what: 'two devices that are up' },
    )
    const health = (await (await fetch('http://127.0.0.1:5001/api/v1/health')).json()) as object
    expect(health).toMatchObject({ mode: 'distributed' })

    for (const service of running) service.kill('SIGTERM')
    expect(await Promise.all(running.map(({ exited }) => exited)), said()).toEqual([0, 0, 0])
  })

  test('whoever reaches the port reads; the link in the log of api makes the first admin, who adds a device and pings it by hand, and each service keeps a copy', async () => {
    await using stores = await startStores()
    await configure(stores.vmUrl, stores.redisUrl)
    await using stack = new AsyncDisposableStack()
    const running = SERVICE_NAMES.map((name) => stack.use(startService(name)))
    const said = () => running.map((service) => service.output()).join('\n')
    for (const name of SERVICE_NAMES) await becomesHealthy(name, said)

    const device = { id: 'router-1', address: '198.18.0.3' }
    expect((await fetch(`${API}/api/v1/alerts`)).status).toBe(200)
    expect((await send('POST', '/api/v1/devices', { body: device })).status).toBe(401)

    await waitFor(() => said().includes('/login#code='), { ...START, what: 'the link' })
    const [link = '', code = ''] = /http:\/\/127\.0\.0\.1:5001\/login#code=(\S+)/.exec(said()) ?? []
    expect(link).not.toBe('')
    const body = { code, user: 'nino', password: 'a long enough password' }
    const claimed = await send('POST', '/api/v1/session/claim', { body })
    expect(claimed.status).toBe(200)
    const [cookie = ''] = (claimed.headers.get('set-cookie') ?? '').split(';')

    expect((await send('POST', '/api/v1/devices', { body: device, cookie })).status).toBe(201)
    await waitFor(
      async () =>
        (await readFile(join(app, 'data/device-edits.json'), 'utf8')).includes('router-1'),
      { ...START, what: 'a copy in data_dir' },
    )
    const ping = '/api/v1/devices/router-1/diagnostics/ping'
    const lines = (await (await send('POST', ping, { body: {}, cookie })).text()).trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ done: true, ok: true })
  })

  test('started before VictoriaMetrics is there, a service runs and says what to check', async () => {
    await configure('http://127.0.0.1:9', 'redis://127.0.0.1:9')
    await using api = startService('api')
    await waitFor(() => api.output().includes('check victoriametrics.url'), START)
    api.kill('SIGTERM')
    expect(await api.exited, api.output()).toBe(0)
  })
})
