import { canonicalAddress } from '../../lib/address.ts'
import type { Config, CredentialConfig } from '../../lib/config/schema.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'

/** What an address may say, and for whom: several devices may share it, each with credentials of its own. */
export type Sender = readonly Allowed[]
export type Allowed = {
  readonly credential: CredentialConfig
  /** As it is on the wire; null for a user of v3. */
  readonly community: Buffer | null
  readonly devices: readonly Device[]
}

/** By source address as the kernel writes it. */
export type Senders = ReadonlyMap<string, Sender>

/**
 * Who may send: enabled devices, each with its own credentials and those that all may use. The source address of the
 * packet alone tells who it is: addresses inside of a trap are the sender's words.
 */
export function planSenders(
  inventory: Inventory,
  {
    credentials,
    shared,
    resolve,
  }: {
    credentials: Config['credentials']
    /** Names in `credentials` that every device may use. */
    shared: readonly string[]
    resolve: (device: Device) => string | null
  },
): Senders {
  const byAddress = new Map<string, Map<CredentialConfig, Device[]>>()
  for (const device of inventory.values()) {
    const address = device.enabled ? resolve(device) : null
    if (address === null) continue
    const key = canonicalAddress(address)
    let allowed = byAddress.get(key)
    if (allowed === undefined) byAddress.set(key, (allowed = new Map()))
    for (const name of new Set([...(device.snmp?.credentials ?? []), ...shared])) {
      const credential = credentials[name]
      if (credential === undefined) continue
      const devices = allowed.get(credential)
      if (devices === undefined) allowed.set(credential, [device])
      else devices.push(device)
    }
  }
  const communities = new Map(
    Object.values(credentials).map((credential) => [credential, communityOf(credential)]),
  )
  return new Map(
    [...byAddress].map(([address, allowed]) => [
      address,
      [...allowed].map(([credential, devices]) => ({
        credential,
        community: communities.get(credential) ?? null,
        devices,
      })),
    ]),
  )
}

const communityOf = (credential: CredentialConfig): Buffer | null =>
  credential.version === '3' ? null : Buffer.from(credential.community.reveal())

const MAPPED = '::ffff:'

/** The address as senders have it: a socket for both families writes IPv4 as `::ffff:192.0.2.1`. */
export const sourceOf = (address: string): string =>
  address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address
