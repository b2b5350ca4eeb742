import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { SnmpError } from '../../collector/snmp/protocol/error.ts'
import { didYouMean } from '../../lib/config/nearest.ts'
import { BUILT_IN_SNMP, type CredentialConfig } from '../../lib/config/schema.ts'
import { parseDuration } from '../../lib/duration.ts'
import type { Device, SnmpSettings } from '../../lib/inventory.ts'
import { StartError } from '../../lib/start-error.ts'
import { findDevice } from './find-device.ts'
import type { Network } from './network.ts'

/** What all commands that ask a device take, as the command line gives it. */
export type TargetOptions = {
  readonly module?: readonly string[]
  readonly credential?: readonly string[]
  readonly timeout?: string
}

/** A device and how it is asked: as the inventory says, but for what the command line does. */
export type Target = {
  readonly device: Device & { readonly snmp: SnmpSettings }
  readonly credentials: readonly { readonly name: string; readonly credential: CredentialConfig }[]
  /** One of its modules says that it may answer from another address. */
  readonly anySource: boolean
}

/** Throws StartError for a word that means nothing. */
export function chooseTarget(network: Network, word: string, options: TargetOptions): Target {
  const { config, modules, inventory } = network
  const device = findDevice(inventory, word)
  const known: SnmpSettings = device.snmp ?? {
    modules: BUILT_IN_SNMP.modules,
    credentials: [],
    port: BUILT_IN_SNMP.port,
    intervalMs: BUILT_IN_SNMP.interval,
    timeoutMs: BUILT_IN_SNMP.timeout,
  }
  for (const name of options.module ?? []) requireKnown('module', name, modules.names)
  const names = options.credential ?? known.credentials
  for (const name of names) requireKnown('credential', name, Object.keys(config.credentials))
  if (names.length === 0) throw noCredentials(device, Object.keys(config.credentials))
  const moduleNames = options.module ?? known.modules
  return {
    device: {
      ...device,
      snmp: {
        ...known,
        credentials: names,
        modules: moduleNames,
        timeoutMs: options.timeout === undefined ? known.timeoutMs : timeoutMs(options.timeout),
      },
    },
    credentials: names.flatMap((name) => {
      const credential = config.credentials[name]
      return credential === undefined ? [] : [{ name, credential }]
    }),
    anySource: moduleNames.some((name) => modules.modules.get(name)?.settings.anySource),
  }
}

/** The IP literal of a device's address. Rejects with SnmpError `send`, as a poll of it would fail. */
export async function resolveAddress({ address }: Device): Promise<string> {
  if (isIP(address) !== 0) return address
  try {
    return (await lookup(address)).address
  } catch (error) {
    throw new SnmpError(
      'send',
      `the name ${address} doesn't resolve: ${(error as Error).message}`,
      {
        cause: error,
      },
    )
  }
}

function requireKnown(what: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return
  throw new StartError(
    `--${what}: there is no ${what} ${JSON.stringify(name)}${didYouMean(name, known)}; there are: ${known.join(', ') || 'none'}`,
  )
}

function noCredentials({ id }: Device, known: readonly string[]): StartError {
  const advice =
    known.length === 0
      ? 'write one under credentials, and its name in the snmp.credentials of the device'
      : `name some in its snmp.credentials, or with --credential: ${known.join(', ')}`
  return new StartError(`${id} has no SNMP credentials: ${advice}`)
}

function timeoutMs(text: string): number {
  const ms = parseDuration(text)
  if (ms !== null && ms >= 100) return ms
  throw new StartError(
    `--timeout: expected a duration of at least 100ms such as 30s, got ${JSON.stringify(text)}`,
  )
}
