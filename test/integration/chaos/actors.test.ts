import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { component } from '../../../chaos/actors/component.ts'
import { openLine } from '../../../chaos/actors/line.ts'
import { type Partition, openPartition } from '../../../chaos/actors/partition.ts'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

// What the actors of the chaos suite do to processes and lines is what they say: a fault that doesn't happen finds nothing.

const CLOCK = join(import.meta.dirname, '../../../chaos/actors/stepped-clock.ts')
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardline-chaos-actors-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a component', () => {
  // It counts into its log, ten times a second.
  const COUNTS = 'let n = 0; setInterval(() => console.log(++n), 100)'
  const open = (name: string, code: string) => {
    const deaths: string[] = []
    const logFile = join(folder, `${name}.log`)
    const counted = async () => (await readFile(logFile, 'utf8')).trimEnd().split('\n').length
    const made = component({
      name,
      command: [process.execPath, '-e', code],
      logFile,
      isReady: async () => (await counted()) > 1,
      onDeath: (words) => deaths.push(words),
    })
    return { made, deaths, counted }
  }
  const isThere = (pid: number): boolean => {
    try {
      process.kill(pid, 0)
      return true
    } catch {
      return false
    }
  }

  test('is killed and started again, as another process; that is no death of its own', async () => {
    const { made, deaths } = open('killed', COUNTS)
    await using _ = made
    await made.start()
    const first = made.pid ?? 0
    await made.kill()
    expect([made.pid, isThere(first)]).toEqual([null, false])
    await made.start()
    expect(made.pid).not.toBe(first)
    expect(deaths).toEqual([])
  })

  test('stands still while it is frozen, is ended even then, and goes on when it is thawed', async () => {
    const { made, counted } = open('frozen', COUNTS)
    await using _ = made
    await made.start()
    made.freeze()
    const pid = made.pid ?? 0
    await waitFor(async () => /^State:\s+T/m.test(await readFile(`/proc/${pid}/status`, 'utf8')))
    const before = await counted()
    made.thaw()
    await waitFor(async () => (await counted()) > before)
    made.freeze()
    await made.kill()
    expect(isThere(pid)).toBe(false)
  })

  test('that ends by itself says so with its last words', async () => {
    const { made, deaths } = open(
      'dying',
      'console.log(1); console.log(2); setTimeout(() => { throw new Error("gone") }, 300)',
    )
    await using _ = made
    await made.start()
    await waitFor(() => deaths.length > 0)
    expect(deaths[0]).toContain('exit code 1')
    expect(deaths[0]).toContain('gone')
  })
})

describe('a line', () => {
  async function open() {
    await using stack = new AsyncDisposableStack()
    const server = createServer((socket) => socket.on('error', () => {}).pipe(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    stack.defer(() => void server.close())
    const { port } = server.address() as { port: number }
    const line = stack.use(await openLine(await freePort(), { host: '127.0.0.1', port }))
    const owned = stack.move()
    const dial = () => {
      const socket = connect({ host: '127.0.0.1', port: line.port })
      let heard = ''
      let isClosed = false
      socket.on('error', () => {})
      socket.on('close', () => (isClosed = true))
      socket.on('data', (piece: Buffer) => (heard += piece.toString()))
      owned.defer(() => void socket.destroy())
      return {
        say: (text: string) => void socket.write(text),
        heard: () => heard,
        isClosed: () => isClosed,
      }
    }
    return { line, dial, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  }

  test('hands everything on', async () => {
    await using stand = await open()
    const one = stand.dial()
    one.say('hello')
    await waitFor(() => one.heard() === 'hello')
  })

  test('that is cut keeps quiet on old and new connections, and ends them once it is whole', async () => {
    await using stand = await open()
    const old = stand.dial()
    old.say('a')
    await waitFor(() => old.heard() === 'a')
    stand.line.cut(true)
    const late = stand.dial()
    for (const one of [old, late]) one.say('lost')
    // Another line's word has long come by the time that these would have.
    await using other = await open()
    const witness = other.dial()
    witness.say('b')
    await waitFor(() => witness.heard() === 'b')
    expect([old.heard(), late.heard(), old.isClosed(), late.isClosed()]).toEqual([
      'a',
      '',
      false,
      false,
    ])
    stand.line.cut(false)
    await waitFor(() => old.isClosed() && late.isClosed())
    const again = stand.dial()
    again.say('c')
    await waitFor(() => again.heard() === 'c')
  })

  describe('whose packets are lost', () => {
    let partition: Partition
    beforeAll(async () => {
      partition = await openPartition()
    })

    test('keeps old connections open and lets new ones wait, and hands on later what was sent meanwhile', async () => {
      await using stand = await open()
      const old = stand.dial()
      old.say('a')
      await waitFor(() => old.heard() === 'a')
      await partition.begin(stand.line.port)
      old.say('b')
      const late = stand.dial()
      late.say('c')
      // Another line's word has long come by the time that these would have.
      await using other = await open()
      const witness = other.dial()
      witness.say('w')
      await waitFor(() => witness.heard() === 'w')
      expect([old.heard(), late.heard(), old.isClosed(), late.isClosed()]).toEqual([
        'a',
        '',
        false,
        false,
      ])
      await partition.end(stand.line.port, [])
      await waitFor(() => old.heard() === 'ab' && late.heard() === 'c')
    })

    test('stays mute on connections that were forgotten, and takes new ones', async () => {
      await using stand = await open()
      const old = stand.dial()
      old.say('a')
      await waitFor(() => old.heard() === 'a')
      await partition.begin(stand.line.port)
      await partition.end(stand.line.port, stand.line.clients)
      old.say('b')
      const fresh = stand.dial()
      fresh.say('c')
      await waitFor(() => fresh.heard() === 'c')
      expect([old.heard(), old.isClosed()]).toEqual(['a', false])
    })
  })

  test('that is slow keeps the order of what it holds up', async () => {
    await using stand = await open()
    const one = stand.dial()
    stand.line.slow(150)
    const startedAt = performance.now()
    one.say('1')
    await waitFor(() => one.heard() === '1')
    expect(performance.now() - startedAt).toBeGreaterThan(290) // there and back
    one.say('2')
    stand.line.slow(0)
    one.say('3')
    await waitFor(() => one.heard() === '123')
  })
})

test('a clock that is set off is what a process takes for the time; timers run as ever', async () => {
  const file = join(folder, 'clock')
  await writeFile(file, '-60000')
  const log = join(folder, 'clock.log')
  const code =
    'setInterval(() => console.log(JSON.stringify([Date.now(), +new Date(), new Date(5).getTime(), new Date() instanceof Date])), 50)'
  const read = async () => (await readFile(log, 'utf8')).trimEnd().split('\n')
  await using made = component({
    name: 'clock',
    command: [process.execPath, '--import', CLOCK, '-e', code],
    env: { WARDLINE_CHAOS_CLOCK: file },
    logFile: log,
    isReady: async () => (await read()).at(-1) !== '',
    onDeath: () => {},
  })
  await made.start()
  const last = async () =>
    JSON.parse((await read()).at(-1) ?? '') as [number, number, number, boolean]
  const [now, made0, five, isDate] = await last()
  expect([Date.now() - now > 55_000, Math.abs(now - made0) < 1_000, five, isDate]).toEqual([
    true,
    true,
    5,
    true,
  ])
  await writeFile(file, '120000')
  await waitFor(async () => (await last())[0] - Date.now() > 110_000)
})
