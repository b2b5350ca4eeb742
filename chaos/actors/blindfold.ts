import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { IPV4_PREFIX } from '../../lab/network.ts'
import { withSystemPath } from '../../lab/namespace.ts'

/** Takes the collectors' network away: whatever they ping is lost on its way, and no device has changed. */
export type Blindfold = { putOn(): Promise<void>; takeOff(): Promise<void> }

export async function openBlindfold(): Promise<Blindfold> {
  await nft('add table inet chaos')
  await nft('add chain inet chaos in { type filter hook input priority -10 ; policy accept ; }')
  return {
    putOn: () => nft(`add rule inet chaos in ip daddr ${IPV4_PREFIX} icmp type echo-request drop`),
    takeOff: () => nft('flush chain inet chaos in'),
  }
}

async function nft(command: string): Promise<void> {
  await promisify(execFile)('nft', [command], { env: withSystemPath() })
}
