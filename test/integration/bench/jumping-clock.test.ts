import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitFor } from '../../wait.ts'

// A measurement of an hour that doesn't take one is worth what its clock is worth.

const CLOCK = join(import.meta.dirname, '../../../bench/frozen/jumping-clock.ts')
const HOUR = 3_600_000
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardline-jump-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A process under the clock, with what it said line by line; it reads its clocks ten times a second. */
function start(code: string) {
  const file = join(folder, 'clock')
  const reading = 'setInterval(() => Date.now(), 100);'
  const child = spawn(
    process.execPath,
    ['--import', CLOCK, '--input-type=module', '-e', `${reading}${code}`],
    { env: { ...process.env, WARDLINE_BENCH_CLOCK: file }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const said: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
  return {
    said,
    jump: (ms: number) => writeFile(file, String(ms)),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

test('all clocks of a process jump by the same', async () => {
  using child = start(`
    const clocks = () => [Date.now(), new Date().getTime(), performance.now(), process.hrtime()[0] * 1e3, Number(process.hrtime.bigint() / 1000000n)]
    const before = clocks()
    console.log('ready')
    setInterval(() => console.log(JSON.stringify(clocks().map((now, place) => now - before[place]))), 50)
  `)
  const last = () => JSON.parse(child.said.at(-1) ?? '[]') as number[]
  await waitFor(() => child.said.length > 1)
  for (const passed of last()) expect(passed).toBeLessThan(HOUR / 2)
  await child.jump(HOUR)
  await waitFor(() => last().length === 5 && last().every((passed) => passed >= HOUR - 1_000))
})

test('timers of every kind that an hour ends ring at once, in their order and once each', async () => {
  using child = start(`
    import { setTimeout as delay } from 'node:timers/promises'
    const say = (what) => console.log(what)
    setTimeout(say, 3000000, 'third')
    delay(60000).then(() => say('first'))
    AbortSignal.timeout(600000).addEventListener('abort', () => say('second'))
    clearTimeout(setTimeout(say, 1000, 'cleared'))
    setTimeout(say, 7200000, 'too early')
    setInterval(say, 3599000, 'again')
    console.log('ready')
  `)
  await waitFor(() => child.said.includes('ready'))
  await child.jump(HOUR)
  await waitFor(() => child.said.includes('again'))
  await child.jump(HOUR + 600_000)
  // One that is read after it shows that nothing else came.
  await child.jump(2 * HOUR)
  await waitFor(() => child.said.includes('too early'))
  expect(child.said).toEqual(['ready', 'first', 'second', 'third', 'again', 'again', 'too early'])
})

test('timers go on as ever after it', async () => {
  using child = start(`
    let turns = 0
    const startedAt = performance.now()
    setInterval(() => console.log(++turns), 20)
  `)
  await waitFor(() => child.said.length > 2)
  await child.jump(HOUR)
  const before = child.said.length
  await waitFor(() => child.said.length > before + 5)
  // A turn each, none twice and none left out.
  expect(child.said).toEqual(child.said.map((_, place) => String(place + 1)))
})
