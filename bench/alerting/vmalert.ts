import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { endingWithParent } from '../../lab/namespace.ts'
import type { Evaluated, Evaluator } from '../alerting.ts'

const LISTEN = '127.0.0.1:8880'
const READY_MS = 15_000

/** Debian's vmalert over a rule file, with its defaults. */
export async function startVmalert(
  file: string,
  vmUrl: string,
  alertmanagerUrl: string,
): Promise<Evaluator> {
  const [command = '', ...args] = endingWithParent([
    'vmalert',
    `-rule=${file}`,
    `-datasource.url=${vmUrl}`,
    `-remoteWrite.url=${vmUrl}`,
    `-remoteRead.url=${vmUrl}`,
    `-notifier.url=${alertmanagerUrl}`,
    `-httpListenAddr=${LISTEN}`,
    '-loggerLevel=FATAL',
  ])
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const failed = once(child, 'error').then(([error]) => error as Error)
  const until = performance.now() + READY_MS
  while (!(await answers())) {
    const error = await Promise.race([failed, delay(100, null)])
    if (error !== null) throw new Error('vmalert is not installed', { cause: error })
    if (child.exitCode !== null || performance.now() > until)
      throw new Error('vmalert does not start')
  }
  return {
    pid: child.pid ?? 0,
    evaluated,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

const answers = (): Promise<boolean> =>
  fetch(`http://${LISTEN}/health`).then(
    ({ ok }) => ok,
    () => false,
  )

async function evaluated(): Promise<Evaluated> {
  const text = await (await fetch(`http://${LISTEN}/metrics`)).text()
  const rows = text.split('\n').flatMap((line) => {
    const found = /^(\w+)(?:\{.*\})? (\S+)$/.exec(line)
    return found === null ? [] : [[found[1], Number(found[2])] as const]
  })
  const sum = (name: string): number =>
    rows.reduce((total, [known, value]) => total + (known === name ? value : 0), 0)
  const errors = sum('vmalert_execution_errors_total')
  return {
    count: sum('vmalert_iteration_duration_seconds_count'),
    seconds: sum('vmalert_iteration_duration_seconds_sum'),
    missed: sum('vmalert_iteration_missed_total'),
    firing: sum('vmalert_alerts_firing'),
    recorded: sum('vmalert_recording_rules_last_evaluation_samples'),
    failures: errors > 0 ? [`${errors} evaluations of rules failed`] : [],
  }
}
