import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startV3Agents } from '../../../lab/v3-agents.ts'

const run = promisify(execFile)
const PORT = 16_100
const CREDENTIAL = {
  version: '3',
  user: 'wardline',
  auth_protocol: 'SHA',
  auth_password: 'auth-password',
  priv_protocol: 'AES',
  priv_password: 'priv-password',
} as const

/** What the real tool reads, the referee. */
async function read(program: 'snmpget' | 'snmpbulkwalk', address: string, oids: readonly string[]) {
  const user = '-v 3 -u wardline -l authPriv -a SHA -A auth-password -x AES -X priv-password'
  const options = `${user} -r 1 -t 2 -Oqvnt`.split(' ')
  const { stdout } = await run(program, [...options, '-m', '', `${address}:${PORT}`, ...oids])
  return stdout.trimEnd().split('\n')
}

test('each agent has an engine of its own, and snmpget reads it', async () => {
  const addresses = Array.from({ length: 50 }, (_, place) => `127.0.1.${place + 1}`)
  await using agents = await startV3Agents({
    addresses,
    port: PORT,
    credential: CREDENTIAL,
    interfaces: 4,
  })
  for (const address of [addresses[0] ?? '', addresses[49] ?? '']) {
    expect(await read('snmpget', address, ['1.3.6.1.2.1.1.5.0', '1.3.6.1.2.1.2.1.0'])).toEqual([
      '"fast"',
      '4',
    ])
    expect(await read('snmpbulkwalk', address, ['1.3.6.1.2.1.2.2.1.1'])).toEqual([
      '1',
      '2',
      '3',
      '4',
    ])
  }
  const { answers, reports } = await agents.counts()
  expect(answers).toBeGreaterThanOrEqual(4)
  expect(reports).toBeGreaterThanOrEqual(4)
  await agents.reboot('counted')
  expect(await read('snmpget', addresses[0] ?? '', ['1.3.6.1.2.1.1.5.0'])).toEqual(['"fast"'])
})
