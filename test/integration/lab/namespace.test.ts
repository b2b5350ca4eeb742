import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findNamespaces, spawnInNamespace } from '../../../lab/namespace.ts'
import { waitFor } from '../../wait.ts'

const MODULE = fileURLToPath(new URL('../../../lab/namespace.ts', import.meta.url))

async function allowed() {
  const namespaces = await findNamespaces()
  if (!namespaces.allowed) throw new Error(namespaces.reason)
  return namespaces
}

async function outputOf(child: ChildProcess): Promise<string> {
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  return output.trim()
}

test('a command runs in a network that has nothing but itself', async () => {
  const child = spawnInNamespace(await allowed(), ['ip', '-o', 'route', 'show', 'table', 'all'])
  expect(await outputOf(child)).toBe('')
})

test('its pid is the command’s, and signals reach it', async () => {
  const child = spawnInNamespace(await allowed(), ['sh', '-c', 'echo $$; exec sleep 60'])
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
  await waitFor(() => output.trim() === String(child.pid), { what: 'the pid' })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM'])
})

test('it ends when its parent is killed', async () => {
  const program = `
    const { findNamespaces, spawnInNamespace } = await import(${JSON.stringify(MODULE)})
    const child = spawnInNamespace(await findNamespaces(), ['sleep', '60'], { detached: true })
    child.on('spawn', () => console.log(child.pid))
  `
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program])
  let output = ''
  parent.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const pid = Number(await waitFor(() => /^(\d+)\n/.exec(output)?.[1]))
  // Once it is `sleep` the kernel has been asked to end it with its parent.
  await waitFor(() => commandOf(pid) === 'sleep', { what: 'the command' })
  parent.kill('SIGKILL')
  await waitFor(() => commandOf(pid) === '', { what: 'the end of the command' })
})

function commandOf(pid: number): string {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,comm=', '-p', String(pid)], { encoding: 'utf8' })
  const [state = '', command = ''] = stdout.trim().split(/\s+/)
  return state.startsWith('Z') ? '' : command
}

test('where they are forbidden the reason says so, and what to do', async () => {
  const program = `
    const { findNamespaces } = await import(${JSON.stringify(MODULE)})
    console.log(JSON.stringify(await findNamespaces()))
  `
  // A user namespace whose limits are zero forbids what a hardened kernel forbids.
  const forbid =
    'echo 0 > /proc/sys/user/max_user_namespaces; echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"'
  const child = spawn('unshare', [
    '-r',
    'sh',
    '-c',
    forbid,
    'sh',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ])
  const found = JSON.parse(await outputOf(child)) as { allowed: boolean; reason: string }
  expect(found.allowed).toBe(false)
  expect(found.reason).toContain('the system does not allow network namespaces')
  expect(found.reason).toContain('run it as root, or allow user namespaces')
})

test('a program that is missing is named, with its package', async () => {
  expect(await findNamespaces({ PATH: '/nowhere' })).toEqual({
    allowed: false,
    reason: 'unshare is not installed (Debian: util-linux)',
  })
})
