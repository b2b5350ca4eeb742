import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

export type VmalertAlert = {
  readonly name: string
  readonly state: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** Debian's vmalert over rule files, evaluating every second. */
export async function startVmalert(
  vmUrl: string,
  files: readonly string[],
  flags: readonly string[] = [],
): Promise<AsyncDisposable & { readonly url: string; alerts(): Promise<VmalertAlert[]> }> {
  const port = await freePort()
  const child = spawn(
    'vmalert',
    [
      `-datasource.url=${vmUrl}`,
      '-datasource.queryStep=1m',
      `-httpListenAddr=127.0.0.1:${port}`,
      // Nothing listens there: what it would tell is read from its API.
      `-notifier.url=http://127.0.0.1:${await freePort()}`,
      '-evaluationInterval=1s',
      ...files.map((file) => `-rule=${file}`),
      ...flags,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'close')
  await waitFor(
    async () => {
      if (child.exitCode !== null) throw new Error(`vmalert ended:\n${said}`)
      return (await fetch(`http://127.0.0.1:${port}/health`)).ok
    },
    { what: 'vmalert to answer' },
  )
  return {
    url: `http://127.0.0.1:${port}`,
    async alerts() {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`)
      return ((await response.json()) as { data: { alerts: VmalertAlert[] } }).data.alerts
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** What `vmalert -dryRun` says of rule files: null when it takes them. */
export async function vmalertProblem(files: readonly string[]): Promise<string | null> {
  const child = spawn('vmalert', ['-dryRun', ...files.map((file) => `-rule=${file}`)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return code === 0 ? null : said
}
