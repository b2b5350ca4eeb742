import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  T,
  delivery,
  notificationOf,
  notifyBy,
  outage,
} from '../../../unit/alerting/notify/receivers/stand.ts'
import { fingerprint } from '../../../../lib/fingerprint.ts'
import { freePort } from '../../../stores.ts'
import { waitFor } from '../../../wait.ts'
import { startReceiver } from '../receiver.ts'
import { startHttpService } from './http-service.ts'

type Held = {
  fingerprint: string
  labels: Record<string, string>
  startsAt: string
  endsAt: string
}

/** Debian's Alertmanager, which tells `hook`. */
async function startAlertmanager(
  hook: string,
): Promise<AsyncDisposable & { url: string; alerts(): Promise<Held[]> }> {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-alertmanager-'))
  const config = {
    route: { receiver: 'hook', group_by: ['device'], group_wait: '0s', group_interval: '1s' },
    receivers: [{ name: 'hook', webhook_configs: [{ url: hook }] }],
  }
  writeFileSync(join(folder, 'alertmanager.yml'), JSON.stringify(config))
  const url = `http://127.0.0.1:${await freePort()}`
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${folder}`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  )
  await waitFor(async () => (await fetch(`${url}/-/ready`)).ok, {
    timeoutMs: 30_000,
    what: 'Alertmanager',
  })
  return {
    url,
    alerts: async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as Held[],
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'close')
      rmSync(folder, { recursive: true })
    },
  }
}

test('the real Alertmanager has the alert under our fingerprint, tells of it, and of its end', async () => {
  await using hook = await startReceiver()
  await using alertmanager = await startAlertmanager(hook.url)
  const notify = notifyBy({ alertmanager: { urls: [alertmanager.url] } })

  await notify(notificationOf([outage('router-1')]), delivery())
  const held = await waitFor(async () => (await alertmanager.alerts())[0], { what: 'the alert' })
  const labels = { site: 'tbilisi', ...outage('router-1').labels }
  expect(held).toMatchObject({
    fingerprint: fingerprint(labels),
    labels,
    startsAt: new Date(T).toISOString(),
  })
  const lapsesInMs = Date.parse(held.endsAt) - Date.now()
  expect(lapsesInMs).toBeGreaterThan(3 * 60_000)
  expect(lapsesInMs).toBeLessThanOrEqual(4 * 60_000)
  const tells = (what: string) => hook.requests.some(({ body }) => body.includes(what))
  await waitFor(() => tells('"status":"firing"'), { what: 'the problem' })
  const list = execFileSync('amtool', ['alert', 'query', `--alertmanager.url=${alertmanager.url}`])
  expect(String(list)).toMatch(/DeviceDown.*router-1 is down/)

  await notify(notificationOf([outage('router-1', T + 60_000)]), delivery())
  await waitFor(() => tells('"status":"resolved"'), { what: 'the resolution' })
})

const taken = ({ requests }: { readonly requests: readonly { readonly body: string }[] }) =>
  requests.map(({ body }) =>
    (JSON.parse(body) as { labels: { device: string } }[]).map(({ labels }) => labels.device),
  )

test('one of several that is away holds up no other, and gets what it missed with the next', async () => {
  await using one = await startHttpService()
  await using other = await startHttpService(() => ({ status: 500 }))
  const said: string[] = []
  const say = (_what: object, text: string): void => void said.push(text)
  const notify = notifyBy(
    { alertmanager: { urls: [one.url, `${other.url}/am/`] } },
    { log: { warn: say, info: say } as never },
  )
  await notify(notificationOf([outage('a')]), delivery({ idempotencyKey: '1' }))
  await notify(notificationOf([outage('b')]), delivery({ idempotencyKey: '2' }))
  other.behave(() => ({ status: 200 }))
  await notify(notificationOf([outage('c')]), delivery({ idempotencyKey: '3' }))
  await notify(notificationOf([outage('d')]), delivery({ idempotencyKey: '4' }))

  expect(taken(one)).toEqual([['a'], ['b'], ['c'], ['d']])
  expect(taken(other).slice(2)).toEqual([['a', 'b', 'c'], ['d']])
  expect(other.requests[0]?.path).toBe('/am/api/v2/alerts')
  expect(said).toEqual(['one of several Alertmanagers fails', 'Alertmanager takes alerts again'])
})

test('what it is owed of an alert is the newest alone', async () => {
  await using one = await startHttpService()
  await using other = await startHttpService(() => ({ status: 500 }))
  const notify = notifyBy({ alertmanager: { urls: [one.url, other.url] } })
  await notify(notificationOf([outage('a')]), delivery({ idempotencyKey: '1' }))
  await notify(notificationOf([outage('a', T + 60_000)]), delivery({ idempotencyKey: '2' }))
  other.behave(() => ({ status: 200 }))
  await notify(notificationOf([outage('b')]), delivery({ idempotencyKey: '3' }))
  const last = JSON.parse(other.requests.at(-1)?.body ?? '[]') as { endsAt: string }[]
  expect(last).toHaveLength(2)
  expect(last[0]?.endsAt).toBe(new Date(T + 60_000).toISOString())
})

test('when none takes it the message is tried again', async () => {
  await using one = await startHttpService(() => ({ status: 400 }))
  await using other = await startHttpService(() => ({ status: 503 }))
  const notify = notifyBy({ alertmanager: { urls: [one.url, other.url] } })
  await expect(notify(notificationOf(), delivery())).rejects.toMatchObject({
    retryable: true,
    reason: 'overloaded',
  })
})

test('many alerts go out in several requests', async () => {
  await using service = await startHttpService()
  const notify = notifyBy({ alertmanager: { urls: [service.url] } })
  const alerts = Array.from({ length: 2_500 }, (_, index) => outage(`d${index}`))
  await notify(notificationOf(alerts), delivery())
  expect(taken(service).map(({ length }) => length)).toEqual([1_000, 1_000, 500])
})
