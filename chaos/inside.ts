import { once } from 'node:events'
import { type Network, openNetwork } from '../lab/network.ts'
import { findNamespaces, spawnInNamespace } from '../lab/namespace.ts'

export const INSIDE = '--inside'

/**
 * Starts a file once more in a network and a mount namespace of its own, and gives its exit code. Ctrl-C ends it in good
 * order; it ends with this process, too.
 */
export async function runInside(file: string, args: readonly string[]): Promise<number> {
  const namespaces = await findNamespaces()
  if (!namespaces.allowed) {
    console.error(`The lab needs a network namespace, and ${namespaces.reason}.`)
    return 2
  }
  const own = { ...namespaces, unshare: [...namespaces.unshare, '--mount'] }
  const child = spawnInNamespace(own, [process.execPath, file, INSIDE, ...args], {
    stdio: 'inherit',
  })
  process.on('SIGINT', () => {}) // the terminal's reaches the child too, which ends in good order
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

/** What runs in there, with a signal that SIGINT and SIGTERM abort; 130 when they did. */
export async function inNetwork(
  run: (network: Network, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const ending = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => ending.abort())
  await using network = await openNetwork()
  try {
    return await run(network, ending.signal)
  } catch (error) {
    if (!ending.signal.aborted) throw error
    console.error('ended early')
    return 130
  }
}
