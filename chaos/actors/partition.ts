import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { withSystemPath } from '../../lab/namespace.ts'

/**
 * Loses packets of TCP between a port and whoever speaks to it, in both directions. No end of a connection learns of it: what
 * is sent is sent again ever more rarely, and who connects hears nothing.
 */
export type Partition = {
  begin(port: number): Promise<void>
  /** What was lost is sent again by and by, but for the connections of these ports: they stay mute, new ones don't. */
  end(port: number, forgotten: readonly number[]): Promise<void>
}

/** By then nobody has such a connection any more, and its port may be another one's. */
const MUTE_SECONDS = 120

const TABLE = `
table inet partition
delete table inet partition
table inet partition {
  set cut { type inet_service; }
  set mute { type inet_service . inet_service; flags timeout; timeout ${MUTE_SECONDS}s; }
  chain in {
    type filter hook input priority -10; policy accept;
    tcp dport @cut drop
    tcp sport @cut drop
    tcp sport . tcp dport @mute drop
    tcp dport . tcp sport @mute drop
  }
}
`

export async function openPartition(): Promise<Partition> {
  await nft(TABLE)
  return {
    begin: (port) => nft(`add element inet partition cut { ${port} }`),
    end(port, forgotten) {
      const mute = forgotten.map((client) => `${client} . ${port}`).join(', ')
      const muted = mute === '' ? '' : `add element inet partition mute { ${mute} }\n`
      return nft(`${muted}delete element inet partition cut { ${port} }`)
    },
  }
}

/** All of it at one moment. */
async function nft(script: string): Promise<void> {
  const run = promisify(execFile)('nft', ['-f', '-'], { env: withSystemPath() })
  run.child.stdin?.end(`${script}\n`)
  await run
}
