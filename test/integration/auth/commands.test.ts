import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { SESSION, signIn } from './people.ts'
import { type AuthStand, PASSWORD, type Replica, byToken, startAuthStand } from './stand.ts'

const WARDLINE = fileURLToPath(new URL('../../../bin/wardline.ts', import.meta.url))

let stand: AuthStand
let replica: Replica
let directory: string
beforeAll(async () => {
  stand = await startAuthStand()
  directory = await mkdtemp(join(tmpdir(), 'wardline-access-'))
  const devices = [{ id: 'w-1', address: '198.18.0.1', region: 'West', branch: 'Gori' }]
  const config = { redis: { url: stand.url }, inventory: { devices }, data_dir: directory }
  await writeFile(join(directory, 'wardline.yaml'), stringify(config))
})
beforeEach(async () => {
  await stand.empty()
  replica = await stand.replica()
})
afterAll(async () => {
  await stand?.[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

type Ran = { readonly code: number | null; readonly out: string; readonly err: string }

/** The command, with what is piped into it. */
async function run(line: string, input = ''): Promise<Ran> {
  const args = [WARDLINE, '--config', join(directory, 'wardline.yaml'), ...line.split(' ')]
  const child = spawn(process.execPath, args, { env: { ...process.env, USER: 'gia' } })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

describe('wardline user', () => {
  test('adds somebody who signs in at once, and is told to the audit log', async () => {
    const added = await run('user add nino --role admin', `${PASSWORD}\n`)
    await replica.auth.register.refresh()
    const list = await run('user list')
    const { entries } = await replica.auth.audit.read({ kind: 'user', limit: 9, offset: 0 })

    expect(added).toEqual({ code: 0, out: 'nino added: admin, everything\n', err: '' })
    expect(await signIn(replica, 'nino')).not.toBeNull()
    expect(list.out).toMatch(/nino +admin +everything +password +never/)
    expect(entries).toMatchObject([{ who: 'gia', what: 'user created', id: 'nino' }])
  })

  test('says what is wrong, and changes nothing', async () => {
    const outcomes = [
      await run('user add nino', 'short\n'),
      await run('user add ni:no', `${PASSWORD}\n`),
      await run('user add nino --region Wset', `${PASSWORD}\n`),
      await run('user add nino --role root', `${PASSWORD}\n`),
      await run('user disable nino'),
    ]

    expect(outcomes.map(({ code }) => code)).toEqual(Array(5).fill(2))
    expect(outcomes.map(({ err }) => err.trim())).toEqual([
      'expected a password of at least 12 characters',
      expect.stringContaining('expected a name of letters'),
      expect.stringContaining('did you mean West'),
      expect.stringContaining('viewer, operator, admin'),
      'nobody is called nino',
    ])
    expect((await run('user list --json')).out).toBe('[]\n')
  })

  test('disables, enables, gives another password and removes', async () => {
    await run('user add root --role admin', `${PASSWORD}\n`)
    await run('user add nino --branch Gori', `${PASSWORD}\n`)
    const another = 'quite another set of words'
    const codes = [
      await run('user disable nino'),
      await run('user enable nino'),
      await run('user passwd nino', `${another}\n`),
    ].map(({ code }) => code)
    await replica.auth.register.refresh()
    const cookies = [await signIn(replica, 'nino'), await signIn(replica, 'nino', another)]
    const removed = await run('user remove nino')
    const last = await run('user remove root')

    expect(codes).toEqual([0, 0, 0])
    expect(cookies).toEqual([null, expect.any(String)])
    expect([removed.code, last.code]).toEqual([0, 2])
    expect(last.err).toContain('the last admin')
  })
})

test('wardline token: makes one that works, lists it without its secret, and revokes it', async () => {
  const made = await run('token add grafana --region West --for 30d')
  const text = made.out.trim()
  await replica.auth.register.refresh()
  const session = await replica.ask(SESSION, { headers: byToken(text) })
  const list = await run('token list')
  const removed = await run(`token remove ${text.slice(3, 9)}`)
  await replica.auth.register.refresh()

  expect(text).toMatch(/^wl_[0-9a-f]{16}_[\w-]{43}$/)
  expect(made.err).toMatch(/^viewer, region West, until .*; it is not shown again\n$/)
  expect(session.body).toMatchObject({
    name: 'token:grafana',
    kind: 'token',
    scope: { regions: ['West'], branches: [] },
  })
  expect(list.out).toContain('grafana')
  expect(list.out).not.toContain(text.slice(20))
  expect(removed.code).toBe(0)
  expect((await replica.ask(SESSION, { headers: byToken(text) })).status).toBe(401)
})
