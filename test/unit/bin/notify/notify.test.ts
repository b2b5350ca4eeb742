import { describe, expect, test } from 'vitest'
import { listReceivers } from '../../../../bin/notify/list.ts'
import { type NotifyTestOptions, testReceiver } from '../../../../bin/notify/test.ts'
import { receiverSchema } from '../../../../lib/config/receivers.ts'
import { configSchema } from '../../../../lib/config/schema.ts'
import { type ToldAlert, startReceiver } from '../../../integration/alerting/receiver.ts'

function captured(): { out: string[]; err: string[]; output: Parameters<typeof listReceivers>[2] } {
  const [out, err]: [string[], string[]] = [[], []]
  const output = {
    print: (line: string) => out.push(line),
    error: (line: string) => err.push(line),
  }
  return { out, err, output }
}

async function run(receivers: object[], name: string, options: NotifyTestOptions = {}) {
  const { out, err, output } = captured()
  const config = configSchema.parse({ receivers })
  const { signal } = new AbortController()
  const code = await testReceiver(config, name, options, output, signal)
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('wardline notify test', () => {
  const told = (alerts: readonly ToldAlert[]): string[] =>
    alerts.map(({ status, labels }) => `${status} ${labels['alertname']} ${labels['test']}`)
  const PROBLEM = 'firing WardlineTest true'
  const RESOLUTION = 'resolved WardlineTest true'

  test.each([
    [{}, [PROBLEM, RESOLUTION]],
    [{ problem: true }, [PROBLEM]],
    [{ resolve: true }, [RESOLUTION]],
  ])('with %j sends %j, marked as a test', async (options, expected) => {
    await using receiver = await startReceiver()
    const { code } = await run([{ name: 'ops', webhook: { url: receiver.url } }], 'ops', options)
    expect(code).toBe(0)
    expect(told(receiver.accepted())).toEqual(expected)
  })

  test('shows what was sent where, how long it took and the answer, and no secret', async () => {
    await using receiver = await startReceiver()
    const url = `${receiver.url}?token=hunter2-token`
    const { out } = await run([{ name: 'ops', webhook: { url, secret: 'hunter2' } }], 'ops')
    const { origin } = new URL(url)
    expect(out).toMatch(`ops: webhook, ${origin}/…`)
    expect(out).toMatch(
      /problem:\n {2}POST http:\S+…, \d+ bytes: 200 ok \(\d+ ms\)\n {2}taken after \d+ ms/,
    )
    expect(out).toMatch(/resolution:\n {2}POST/)
    expect(out).not.toContain('hunter2')
  })

  test('ends with 1 where the problem was not taken, and sends no resolution', async () => {
    await using receiver = await startReceiver()
    receiver.behave(403)
    const { code, err } = await run([{ name: 'ops', webhook: { url: receiver.url } }], 'ops')
    expect(code).toBe(1)
    expect(receiver.requests).toHaveLength(1)
    expect(err).toBe(
      'the problem was not taken: answered 403 not today; alerting would not try this message again: mend the configuration of the receiver',
    )
  })

  test('of a receiver that is not there says which are', async () => {
    const receivers = [{ name: 'on-call', webhook: { url: 'http://x' } }]
    await expect(run(receivers, 'oncall')).rejects.toThrow('did you mean on-call?')
    await expect(run(receivers, 'zzz')).rejects.toThrow(
      'zzz: no such receiver, expected one of on-call',
    )
    await expect(run([], 'ops')).rejects.toThrow('the configuration has no receivers')
  })
})

test('wardline notify list shows who is told and how, and no secret', () => {
  const { out, output } = captured()
  const http = { timeout: '1s' }
  const receivers = [
    { name: 'hook', webhook: { url: 'https://hooks.example/hunter2', ...http } },
    { name: 'am', alertmanager: { urls: ['http://u:hunter2@am-1:9093', 'http://am-2:9093'] } },
    { name: 'chat', slack: { webhook_url: 'https://hooks.slack.com/services/hunter2' } },
    { name: 'bot', slack: { bot_token: 'hunter2', channel: '#noc' } },
    { name: 'card', teams: { webhook_url: 'https://x.logic.azure.com/workflows/hunter2' } },
    { name: 'tg', telegram: { bot_token: 'hunter2', chat_id: '@noc' } },
    { name: 'dc', discord: { webhook_url: 'https://discord.com/api/webhooks/hunter2' } },
    { name: 'pd', pagerduty: { routing_key: 'hunter2' } },
    { name: 'og', opsgenie: { api_key: 'hunter2' } },
    {
      name: 'mail',
      email: { host: 'smtp.example', from: 'a@b.example', to: ['noc@b.example'] },
      send_resolved: false,
    },
  ].map((given) => receiverSchema.parse(given))
  expect(listReceivers(receivers, {}, output)).toBe(0)
  expect(out.join('\n')).not.toContain('hunter2')
  expect(out.map((line) => line.replaceAll(/\s{2,}/g, ' | '))).toMatchObject([
    expect.stringContaining('hook | webhook | https://hooks.example/…'),
    expect.stringContaining('am | alertmanager | http://am-1:9093/…, http://am-2:9093/…'),
    expect.stringContaining('chat | slack | https://hooks.slack.com/…'),
    expect.stringContaining('bot | slack | #noc by https://slack.com/api'),
    expect.stringContaining('card | teams | https://x.logic.azure.com/…'),
    expect.stringContaining('tg | telegram | @noc by https://api.telegram.org'),
    expect.stringContaining('dc | discord | https://discord.com/…'),
    expect.stringContaining('pd | pagerduty | https://events.pagerduty.com'),
    expect.stringContaining('og | opsgenie | https://api.opsgenie.com'),
    expect.stringContaining('mail | email | noc@b.example by smtp.example'),
  ])
  expect(out.at(-1)).toMatch('no resolutions, no updates')
})
