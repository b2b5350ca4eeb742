import { describe, expect, test } from 'vitest'
import { alertKey } from '../../../../alerting/alert.ts'
import { fingerprint } from '../../../../lib/fingerprint.ts'
import { createInhibitor } from '../../../../alerting/notify/inhibit.ts'
import { inhibitRuleSchema } from '../../../../lib/config/routing.ts'
import type { Labels } from '../../../../lib/labels.ts'

const alert = (labels: Labels) => ({ key: alertKey(labels), labels })
const router = alert({ alertname: 'RouterDown', branch: 'Vake' })
const device = alert({ alertname: 'DeviceDown', branch: 'Vake', device: 'a' })
const elsewhere = alert({ alertname: 'DeviceDown', branch: 'Saburtalo', device: 'b' })

const rule = (source: string, target: string, ...equal: string[]) =>
  inhibitRuleSchema.parse({ source_matchers: [source], target_matchers: [target], equal })
const ROUTERS = rule('alertname="RouterDown"', 'alertname="DeviceDown"', 'branch')

describe('an inhibition rule', () => {
  test('covers targets of the same values while a source fires', () => {
    const inhibitor = createInhibitor([ROUTERS])
    for (const one of [device, elsewhere, router]) inhibitor.add(one)
    expect(inhibitor.cause(device)).toBe(fingerprint(router.labels))
    expect(inhibitor.cause(elsewhere)).toBeNull()
    inhibitor.remove(router)
    expect(inhibitor.cause(device)).toBeNull()
  })

  test('names those that its source begins and ceases to cover, and nobody between', () => {
    const inhibitor = createInhibitor([ROUTERS])
    const other = alert({ ...router.labels, device: 'r2' })
    expect(inhibitor.add(device)).toEqual([])
    expect(inhibitor.add(router)).toEqual([device.key])
    expect(inhibitor.add(other)).toEqual([])
    expect(inhibitor.remove(router)).toEqual([])
    expect(inhibitor.cause(device)).toBe(fingerprint(other.labels))
    expect(inhibitor.remove(other)).toEqual([device.key])
  })

  test('takes a label that is missing for an empty one, on both sides', () => {
    const inhibitor = createInhibitor([rule('alertname="Blind"', 'alertname="DeviceDown"', 'site')])
    inhibitor.add(device)
    inhibitor.add(alert({ alertname: 'Blind' }))
    expect(inhibitor.cause(device)).not.toBeNull()
  })

  test('does not let an alert on both sides cover itself, nor its like', () => {
    const inhibitor = createInhibitor([rule('alertname=~".+"', 'alertname="DeviceDown"', 'branch')])
    const like = alert({ ...device.labels, device: 'c' })
    inhibitor.add(device)
    inhibitor.add(like)
    expect([inhibitor.cause(device), inhibitor.cause(like)]).toEqual([null, null])
    inhibitor.add(router) // a source only
    expect(inhibitor.cause(device)).toBe(fingerprint(router.labels))
  })
})

describe('of alerts with the same labels but for their severity', () => {
  const [info, warning, critical] = ['info', 'warning', 'critical'].map((severity) =>
    alert({ alertname: 'Loss', device: 'a', severity }),
  ) as [ReturnType<typeof alert>, ReturnType<typeof alert>, ReturnType<typeof alert>]

  test('the gravest covers the others (C4)', () => {
    const inhibitor = createInhibitor([])
    for (const one of [warning, critical, info]) inhibitor.add(one)
    expect([info, warning, critical].map((one) => inhibitor.cause(one) !== null)).toEqual([
      true,
      true,
      false,
    ])
    inhibitor.remove(critical)
    expect([info, warning].map((one) => inhibitor.cause(one) !== null)).toEqual([true, false])
  })

  test('those of another device or in words that nobody ranks are left alone', () => {
    const inhibitor = createInhibitor([])
    const others = [
      alert({ alertname: 'Loss', device: 'b', severity: 'warning' }),
      alert({ alertname: 'Loss', device: 'a', severity: 'purple' }),
      alert({ alertname: 'Loss', device: 'a' }),
    ]
    for (const one of [critical, ...others]) inhibitor.add(one)
    expect(others.map((one) => inhibitor.cause(one))).toEqual([null, null, null])
  })
})
