import type { Fleet } from './fleet.ts'
import { EQUIPMENT, ISP_LINK, type Kind, ROUTER, SWITCH } from './fleet-catalogue.ts'
import type { AgentSpec } from './simulated-device.ts'

/** How many interfaces a simulated device has; the bank's network equipment had ten. */
const INTERFACES: Readonly<Record<string, number>> = { router: 10, switch: 10, 'isp-link': 4 }
const KINDS: readonly Kind[] = [ROUTER, ISP_LINK, SWITCH, ...EQUIPMENT]

export type FleetAgentOptions = { readonly seed?: string; readonly port?: number }

/** An agent for each device of the fleet that is polled by SNMP, answering to its community. */
export function agentSpecs(
  { devices, credentials }: Fleet,
  { seed = 'wardline', port = 161 }: FleetAgentOptions = {},
): AgentSpec[] {
  return devices.flatMap(({ id, address, type, vendor, model, snmp }) => {
    const community = credentials[snmp?.credentials[0] ?? '']?.community
    if (community === undefined) return []
    const make = KINDS.find((kind) => kind.type === type)?.makes.find(
      (made) => made.model === model,
    )
    return {
      address,
      port,
      seed: `${seed}:${id}`,
      community,
      interfaces: INTERFACES[type] ?? 2,
      name: id,
      description: `${vendor} ${model}, simulated`,
      objectId: make?.objectId ?? '1.3.6.1.4.1.8072.3.2.10',
    }
  })
}
