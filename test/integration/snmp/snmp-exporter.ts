import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { waitFor } from '../../wait.ts'

/** One line of what a scrape gives: labels without a value are absent ones. */
export type Scraped = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export type SnmpExporter = AsyncDisposable & {
  /** What a module makes of an agent; rejects with the exporter's own words when it fails the scrape. */
  scrape(module: string, agent: { address: string; port: number }): Promise<Scraped[]>
}

/** Debian's prometheus-snmp-exporter (0.21). Counters aren't wrapped at 2^53 unless told: wardline doesn't. */
export async function startSnmpExporter(
  configFile: string,
  { port, wrap = false }: { port: number; wrap?: boolean },
): Promise<SnmpExporter> {
  const child = spawn(
    'prometheus-snmp-exporter',
    [`--config.file=${configFile}`, `--web.listen-address=127.0.0.1:${port}`].concat(
      wrap ? [] : ['--no-snmp.wrap-large-counters'],
    ),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let output = ''
  child.stderr.on('data', (text) => (output = `${output}${text}`.slice(-4_000)))
  const base = `http://127.0.0.1:${port}`
  await waitFor(async () => (await fetch(`${base}/metrics`)).ok, {
    what: 'snmp_exporter to listen',
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw new Error(`snmp_exporter doesn't start; it says: ${output}`, { cause: error })
  })
  return {
    async scrape(module, { address, port: agentPort }) {
      const response = await fetch(`${base}/snmp?module=${module}&target=${address}:${agentPort}`)
      const text = await response.text()
      if (!response.ok) throw new Error(text)
      return parseExposition(text)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/** Prometheus' text format; what the exporter says of the scrape itself is left out. */
function parseExposition(text: string): Scraped[] {
  return text.split('\n').flatMap((line) => {
    const parts = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (parts === null || line.startsWith('snmp_scrape_')) return []
    const [, name = '', labels = '', value] = parts
    return [{ name, labels: parseLabels(labels), value: Number(value) }]
  })
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

const parseLabels = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].flatMap(([, name = '', quoted = '']) =>
      quoted === ''
        ? []
        : [[name, quoted.replace(/\\(.)/g, (whole, letter: string) => ESCAPES[letter] ?? whole)]],
    ),
  )
