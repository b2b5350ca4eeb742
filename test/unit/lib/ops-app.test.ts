import { expect, test } from 'vitest'
import { Gauge, createRegistry } from '../../../lib/metrics.ts'
import { createOpsApp } from '../../../lib/ops-app.ts'

const open = (isLate: () => boolean, isStuck?: () => boolean) => {
  const registry = createRegistry()
  new Gauge({ name: 'wardline_x', help: 'x', registers: [registry] }).set(7)
  return createOpsApp({
    component: 'collector',
    version: '1.2.3',
    registry,
    isLate,
    ...(isStuck && { isStuck }),
  })
}

test('/metrics is in the text format of Prometheus, with the process metrics beside our own', async () => {
  const response = await open(() => false).request('/metrics')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  expect(text).toContain('\nwardline_x 7\n')
  expect(text).toContain('process_cpu_seconds_total')
})

test('/health is 200 while the main loop is on time, 503 while it is late', async () => {
  let late = false
  const app = open(() => late)
  const ask = async () => {
    const response = await app.request('/health')
    return [response.status, await response.json()]
  }
  const who = { component: 'collector', version: '1.2.3' }
  expect(await ask()).toEqual([200, { status: 'healthy', ...who }])
  late = true
  const reasons = ['the main loop is late']
  expect(await ask()).toEqual([503, { status: 'unhealthy', reasons, ...who }])
})

test('/health is 503 while samples wait and none is stored, and says what to check', async () => {
  const app = open(
    () => false,
    () => true,
  )
  const response = await app.request('/health')
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({
    status: 'unhealthy',
    reasons: [expect.stringContaining('check victoriametrics.url')],
  })
})

test('/health tells what is wrong although the work goes on, with a 200', async () => {
  const app = createOpsApp({
    component: 'collector',
    version: '1.2.3',
    registry: createRegistry(),
    isLate: () => false,
    troubles: () => ['the disk is full'],
  })
  const response = await app.request('/health')
  expect([response.status, await response.json()]).toEqual([
    200,
    { status: 'degraded', reasons: ['the disk is full'], component: 'collector', version: '1.2.3' },
  ])
})
