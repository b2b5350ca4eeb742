import { expect, test } from 'vitest'
import { createCompose } from '../../../../../alerting/notify/receivers/templates.ts'
import { EXTERNALS, T, configOf, notificationOf, outage } from './stand.ts'

const composed = async (templates: { title?: string; text?: string }, externals = EXTERNALS) => {
  const config = configOf({ webhook: { url: 'http://x' }, templates })
  const alerts = [outage('R1'), outage('R2', T + 60_000)]
  return createCompose(config, externals)(notificationOf(alerts, { groupLabels: {} }))
}

test('title and text are what the templates make of Alertmanager’s data', async () => {
  const title =
    '{{ .CommonLabels.alertname }}:\n {{ len .Firing }} of {{ len .Alerts }} {{ .Status | toUpper }}'
  const text = [
    '{{ range .Alerts }}{{ .Status }} {{ .Labels.device }} {{ .Duration }} {{ .Link }}',
    '{{ end }}{{ .GroupLabels.nothing }}{{ .ExternalURL }} {{ .Receiver }}',
  ].join('\n')
  expect(await composed({ title, text })).toMatchObject({
    title: 'DeviceDown: 1 of 2 FIRING',
    text: [
      'firing R1 6s http://wardline.example:5001/?device=R1',
      'resolved R2 1m0s http://wardline.example:5001/?device=R2',
      'http://wardline.example:5001 ops',
    ].join('\n'),
  })
})

test('the built-in texts can be built upon', async () => {
  expect(await composed({ title: '[NOC] {{ .Title }}' })).toMatchObject({
    title: '[NOC] 1 problem, 1 resolved: DeviceDown, Vake, Tbilisi',
    text: null,
  })
})

test('a template that fails leaves the built-in text, and the log says so once', async () => {
  const warned: object[] = []
  const log = { warn: (what: object) => void warned.push(what), info: () => {} } as never
  const title = '{{ index .Alerts 7 }}'
  expect(await composed({ title }, { ...EXTERNALS, log })).toMatchObject({
    title: '1 problem, 1 resolved: DeviceDown, Vake, Tbilisi',
  })
  expect(warned).toMatchObject([{ receiver: 'ops', reason: expect.stringMatching(/index/) }])
})

test.each([
  [{ title: '{{ .Title' }, 'receiver ops: templates.title: expected a Go template: '],
  [{ text: '{{ nonsense }}' }, 'receiver ops: templates.text: expected a Go template: '],
  [{ text: '{{ query "up" }}' }, 'receiver ops: templates.text: expected a Go template: '],
])('%j stops the start', async (templates, message) => {
  await expect(composed(templates)).rejects.toThrow(message)
})
