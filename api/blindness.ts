import type { BlindJson } from './health-schema.ts'
import type { View } from './view/build.ts'

/** What is told of the collectors that have lost their network: `reason` in the words that health has for it. */
export const blindJson = ({ blind }: Pick<View, 'blind'>): BlindJson[] =>
  blind.map(({ name, since, devices }) => ({
    collector: name,
    since: new Date(since).toISOString(),
    devices: devices.length,
    reason: blindReason({ name, since, devices: devices.length }),
  }))

/** `devices` of whom nothing is known. */
function blindReason({
  name,
  since,
  devices,
}: {
  readonly name: string
  readonly since: number
  readonly devices: number
}): string {
  const at = new Date(since).toISOString()
  const what = `monitoring is blind: collector ${name} sees none of its canaries since ${at}`
  if (devices === 0) return `${what}, no device is unknown for that`
  return `${what}, ${devices} ${devices === 1 ? 'device is' : 'devices are'} unknown`
}
