import { expect, test } from 'vitest'
import { viewQueries, windowsOf } from '../../../../api/view/vectors.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'

const every = (intervalMs: number) => ({ intervalMs, count: 2, timeoutMs: 1_000, confirm: 3 })

test('a view looks back a little over 2.5 of the longest intervals, and as long as SNMP that fails may rest', () => {
  const { current } = inventoryOf(
    device('quick', { ping: every(1_000) }),
    device('slow', { ping: every(300_000) }),
  )

  expect(windowsOf(current, 15_000)).toEqual({
    pingMs: 755_000,
    snmpMs: 395_000,
    alertsMs: 60_000,
    confirmMs: 930_000,
  })
  expect(windowsOf(current, 60_000).alertsMs).toBe(150_000)
})

test('F1 F3 fewer than 10 queries, each with its window, none with a device', () => {
  const { current } = inventoryOf(device('some-device'))
  const queries = Object.values(viewQueries(windowsOf(current, 15_000)))

  expect(queries.length).toBeLessThan(10)
  expect(queries.filter((query) => !/\[\d+(ms|m)\]/.test(query))).toEqual([])
  expect(queries.join()).not.toContain('some-device')
})
