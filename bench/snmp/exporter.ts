import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import { endingWithParent } from '../../lab/namespace.ts'
import { readUsage } from '../usage.ts'
import { keepBusy } from './load.ts'
import { type ModuleName, snmpYml } from './questions.ts'

/** Debian's snmp_exporter, scraped as Prometheus does: over connections that are kept. */
export type Exporter = AsyncDisposable & {
  scrape(load: {
    readonly addresses: readonly string[]
    readonly module: ModuleName
    readonly lanes: number
    readonly seconds: number
    readonly warmupSeconds: number
  }): Promise<Scraped>
}

export type Scraped = {
  readonly polls: number
  readonly seconds: number
  readonly cpuSeconds: number
  /** Series of one scrape, those that the exporter tells of itself left out. */
  readonly series: number
}

const LISTEN = '127.0.0.1:9116'
const READY_MS = 10_000

export async function startExporter(): Promise<Exporter> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-exporter-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const config = join(folder, 'snmp.yml')
  await writeFile(config, snmpYml())
  const [file = '', ...args] = endingWithParent([
    'prometheus-snmp-exporter',
    `--config.file=${config}`,
    `--web.listen-address=${LISTEN}`,
    '--log.level=error',
  ])
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const pool = new Pool(`http://${LISTEN}`, { connections: 64, bodyTimeout: 30_000 })
  stack.defer(() => pool.close())
  await becomesReady(pool)

  async function scrapeOnce(address: string, module: ModuleName): Promise<string> {
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path: `/snmp?target=${address}&module=${module}`,
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`snmp_exporter answers ${statusCode}: ${text}`)
    return text
  }

  const owned = stack.move()
  return {
    async scrape({ addresses, module, lanes, seconds, warmupSeconds }) {
      const addressOf = (turn: number) => addresses[turn % addresses.length] ?? ''
      const series = countSeries(await scrapeOnce(addressOf(0), module))
      let polls = 0
      const load = (until: number): Promise<void> =>
        keepBusy({ lanes, seconds: until }, async (turn) => {
          await scrapeOnce(addressOf(turn), module)
          polls++
        })
      await load(warmupSeconds)
      polls = 0
      const before = await readUsage(child.pid ?? 0)
      const startedAt = performance.now()
      await load(seconds)
      const after = await readUsage(child.pid ?? 0)
      return {
        polls,
        series,
        seconds: (performance.now() - startedAt) / 1000,
        cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function becomesReady(pool: Pool): Promise<void> {
  const until = performance.now() + READY_MS
  for (;;) {
    try {
      const { body } = await pool.request({ method: 'GET', path: '/' })
      await body.dump()
      return
    } catch (cause) {
      if (performance.now() > until)
        throw new Error(
          "snmp_exporter didn't start: is Debian's prometheus-snmp-exporter installed?",
          { cause },
        )
      await delay(50)
    }
  }
}

const countSeries = (text: string): number =>
  text.split('\n').filter((line) => line !== '' && !/^(#|snmp_scrape_)/.test(line)).length
