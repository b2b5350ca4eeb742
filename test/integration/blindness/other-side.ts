import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { endingWithParent, withSystemPath } from '../../../lab/namespace.ts'
import { waitFor } from '../../wait.ts'

/**
 * A network namespace of its own at the other end of a cable: what has its address there answers, and when the cable is cut
 * nothing does. Only for use inside of a namespace that is one's own, too.
 */
export type OtherSide = AsyncDisposable & {
  /** Next to the collector: answers while the cable holds. */
  readonly gateway: string
  /** Addresses behind the gateway that answer from now on, or no more. */
  answer(...addresses: readonly string[]): Promise<void>
  silence(...addresses: readonly string[]): Promise<void>
  /** On this side, as when the collector's own link goes down: nothing can even be sent. */
  cut(): Promise<void>
  mend(): Promise<void>
}

const NEAR = 'wl-near'
const FAR = 'wl-far'
const HERE = '10.213.0.1'
const GATEWAY = '10.213.0.2'
const BEHIND = '10.213.1.0/24'

export async function openOtherSide(): Promise<OtherSide> {
  const held = ['-n', ...endingWithParent(['sleep', 'infinity'])]
  const holder = spawn('unshare', held, { env: withSystemPath(), stdio: 'ignore' })
  await once(holder, 'spawn')
  const pid = String(holder.pid)
  const there = (...line: readonly string[]): Promise<void> =>
    run('nsenter', ['-t', pid, '-n', 'ip', ...line])
  const here = (...line: readonly string[]): Promise<void> => run('ip', line)

  async function mend(): Promise<void> {
    await here('link', 'set', NEAR, 'up')
    await here('route', 'replace', BEHIND, 'via', GATEWAY)
  }

  await here('link', 'set', 'lo', 'up')
  // Until it is in its own namespace, its end of the cable can't be handed over to it.
  await waitFor(async () => {
    await here('link', 'add', NEAR, 'type', 'veth', 'peer', 'name', FAR)
    await here('link', 'set', FAR, 'netns', pid)
    await there('link', 'set', FAR, 'up').catch(async (error: unknown) => {
      await here('link', 'del', NEAR)
      throw error
    })
    return true
  })
  await there('link', 'set', 'lo', 'up')
  await there('addr', 'add', `${GATEWAY}/24`, 'dev', FAR)
  await here('addr', 'add', `${HERE}/24`, 'dev', NEAR)
  await mend()

  return {
    gateway: GATEWAY,
    async answer(...addresses) {
      for (const address of addresses) await there('addr', 'add', `${address}/32`, 'dev', 'lo')
    },
    async silence(...addresses) {
      for (const address of addresses) await there('addr', 'del', `${address}/32`, 'dev', 'lo')
    },
    cut: () => here('link', 'set', NEAR, 'down'),
    mend,
    async [Symbol.asyncDispose]() {
      await here('link', 'del', NEAR).catch(() => {})
      await end(holder)
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: withSystemPath(),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')}: ${said.trim()}`)),
    )
  })
}
