import { describe, expect, test } from 'vitest'
import { configSchema } from '../../../../lib/config/schema.ts'
import { isHidden } from '../../../../lib/config/secrets.ts'

const parse = (heartbeat: unknown) => configSchema.safeParse({ alerting: { heartbeat } })

describe('alerting.heartbeat', () => {
  test('needs a URL, and is called each minute', () => {
    expect(parse({ url: 'https://example.net/ping' }).data?.alerting.heartbeat).toMatchObject({
      interval: 60_000,
      method: 'GET',
      timeout: 10_000,
    })
    expect(configSchema.parse({}).alerting.heartbeat).toBeUndefined()
  })

  test.each([
    [{}],
    [{ url: 'ftp://example.net' }],
    [{ url: 'https://example.net', interval: '5s' }],
    [{ url: 'https://example.net', method: 'PUT' }],
    [{ url: 'https://example.net', every: '1m' }],
  ])('%j is refused', (heartbeat) => {
    expect(parse(heartbeat).success).toBe(false)
  })

  test('has URLs that no message repeats', () => {
    expect(isHidden('alerting.heartbeat.url')).toBe(true)
    expect(isHidden('alerting.heartbeat.fail_url')).toBe(true)
    expect(isHidden('alerting.heartbeat.interval')).toBe(false)
    const parsed = parse({ url: 'https://example.net/key', fail_url: 'https://example.net/fail' })
    expect(JSON.stringify(parsed.data?.alerting.heartbeat)).not.toContain('example.net')
  })
})
