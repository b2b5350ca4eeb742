import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { withSystemPath } from './namespace.ts'

/**
 * The simulated network of a namespace: 131,072 IPv4 addresses and an IPv6 prefix that are local to it and
 * answer ICMP, each of which can be silenced or made lossy. Only for use inside a namespace of one's own.
 */
export type Network = AsyncDisposable & {
  /** What is sent to these addresses vanishes: a sender sees a timeout, never an error. */
  down(addresses: Iterable<string>): Promise<Change>
  up(addresses: Iterable<string>): Promise<Change>
  /** Loses this percentage of what is sent to them, at random; 0 ends it. */
  lossy(addresses: Iterable<string>, percent: number): Promise<Change>
  /** Everything answers again. */
  clear(): Promise<Change>
}

/** A change took effect between these instants (Unix milliseconds), all of it at one moment. */
export type Change = { readonly askedAt: number; readonly at: number }

export const IPV4_PREFIX = '198.18.0.0/15'
export const IPV6_PREFIX = '2001:db8::/32'

type Fate = { readonly down: boolean; readonly percent: number }
const FINE: Fate = { down: false, percent: 0 }

// One verdict map decides for each packet, whatever number of addresses is in it; a transaction of nft is atomic.
const TABLE = `
table inet lab {
  map fate4 { type ipv4_addr : verdict; }
  map fate6 { type ipv6_addr : verdict; }
  chain input {
    type filter hook input priority 0; policy accept;
    ip daddr vmap @fate4
    ip6 daddr vmap @fate6
  }
}
`

export async function openNetwork(): Promise<Network> {
  await run('ip', ['link', 'set', 'lo', 'up'])
  // With a source of its own an answer isn't sent to the silenced address: only requests meet its fate.
  await run('ip', ['route', 'replace', 'local', IPV4_PREFIX, 'dev', 'lo', 'src', '127.0.0.1'])
  await openIpv6().catch(() => {}) // a kernel without IPv6 has the IPv4 half
  await run('nft', ['-f', '-'], `table inet lab\ndelete table inet lab\n${TABLE}`)

  const fates = new Map<string, Fate>()
  const chains = new Set<number>()
  let queue: Promise<unknown> = Promise.resolve()

  function apply(addresses: Iterable<string>, become: (fate: Fate) => Fate): Promise<Change> {
    const change = queue.then(async () => {
      let script = ''
      const changed = new Map<string, Fate>()
      for (const address of new Set(addresses)) {
        const before = fates.get(address) ?? FINE
        const after = become(before)
        script += elementChange(address, before, after)
        changed.set(address, after)
      }
      const percents = new Set([...changed.values()].map((fate) => fate.percent))
      const missing = [...percents].filter(
        (percent) => percent > 0 && percent < 100 && !chains.has(percent),
      )
      script = missing.map(lossChain).join('') + script
      const askedAt = Date.now()
      if (script !== '') await run('nft', ['-f', '-'], script)
      for (const percent of missing) chains.add(percent)
      for (const [address, fate] of changed) {
        if (fate.down || fate.percent > 0) fates.set(address, fate)
        else fates.delete(address)
      }
      return { askedAt, at: Date.now() }
    })
    queue = change.catch(() => {})
    return change
  }

  return {
    down: (addresses) => apply(addresses, (fate) => ({ ...fate, down: true })),
    up: (addresses) => apply(addresses, (fate) => ({ ...fate, down: false })),
    lossy(addresses, percent) {
      if (!Number.isInteger(percent) || percent < 0 || percent > 100)
        throw new RangeError(`expected a whole percentage, got ${percent}`)
      return apply(addresses, (fate) => ({ ...fate, percent }))
    },
    clear: () => queue.then(() => apply([...fates.keys()], () => FINE)),
    async [Symbol.asyncDispose]() {
      await queue
      await run('nft', ['delete', 'table', 'inet', 'lab'])
    },
  }
}

async function openIpv6(): Promise<void> {
  await run('ip', ['-6', 'route', 'replace', 'local', IPV6_PREFIX, 'dev', 'lo', 'src', '::1'])
  // Such addresses answer pings as they are; an agent needs this to listen on one.
  await writeFile('/proc/sys/net/ipv6/ip_nonlocal_bind', '1')
}

function elementChange(address: string, before: Fate, after: Fate): string {
  const [from, to] = [verdict(before), verdict(after)]
  if (from === to) return ''
  const map = isIPv6(address) ? 'fate6' : 'fate4'
  const remove = from === '' ? '' : `delete element inet lab ${map} { ${address} }\n`
  return remove + (to === '' ? '' : `add element inet lab ${map} { ${address} : ${to} }\n`)
}

function verdict({ down, percent }: Fate): string {
  if (down || percent === 100) return 'drop'
  return percent > 0 ? `jump loss_${percent}` : ''
}

const lossChain = (percent: number): string =>
  `add chain inet lab loss_${percent}\n` +
  `add rule inet lab loss_${percent} numgen random mod 100 < ${percent} drop\n`

function run(command: string, args: readonly string[], input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: withSystemPath(),
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('error', (cause) =>
      reject(new Error(`can't run ${command}: ${cause.message}`, { cause })),
    )
    child.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${command} ${args.join(' ')} failed: ${said.trim().slice(0, 500)}`)),
    )
    child.stdin.on('error', () => {}) // it ended before it read all: its exit code tells
    child.stdin.end(input)
  })
}
