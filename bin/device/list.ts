import { StartError } from '../../lib/start-error.ts'
import type { Desk } from '../decisions/desk.ts'
import type { Output } from '../output.ts'
import { alignedLines } from '../snmp/table.ts'
import { withDevices } from './open.ts'

export type ListDevicesOptions = {
  readonly branch?: readonly string[]
  readonly region?: readonly string[]
  readonly origin?: readonly string[]
  readonly json?: boolean
}

const ORIGINS: readonly string[] = ['file', 'api', 'both']

/** `wardline device list`: the inventory as the services have it. */
export function listDevices(
  desk: Desk,
  { branch, region, origin, json }: ListDevicesOptions,
  output: Output,
): Promise<number> {
  const stranger = origin?.find((kind) => !ORIGINS.includes(kind))
  if (stranger !== undefined)
    throw new StartError(
      `--origin: expected ${ORIGINS.join(', ')}, got ${JSON.stringify(stranger)}`,
    )
  return withDevices(desk, output, async ({ state }) => {
    const found = [...state.merged.inventory.values()]
      .filter((device) => branch?.includes(device.branch) ?? true)
      .filter((device) => region?.includes(device.region) ?? true)
      .filter((device) => origin?.includes(device.origin ?? 'file') ?? true)
    if (json === true) {
      const devices = found.map((device) => ({ ...device, origin: device.origin ?? 'file' }))
      output.print(JSON.stringify(devices, null, 2))
      return 0
    }
    const rows = found.map((device) => [
      device.id,
      device.name,
      device.address,
      device.branch,
      device.region,
      device.type,
      device.enabled ? '' : 'disabled',
      device.origin ?? 'file',
    ])
    const head = ['id', 'name', 'address', 'branch', 'region', 'type', '', 'origin']
    for (const line of alignedLines([head, ...rows])) output.print(line)
    return 0
  })
}
