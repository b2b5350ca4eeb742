import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Fleet } from '../../lab/fleet.ts'
import { type DemoPlan, LOOPBACK_SNMP_PORT } from './plan.ts'

/** As the lab's agents name their first two interfaces. */
const UPLINKS = [
  { name: 'magti', alias: '^Uplink', interface: '^Gi0/1$', devices: { type: ['router'] } },
  { name: 'reserve', alias: 'სარეზერვო', interface: '^Gi0/2$', devices: { type: ['router'] } },
]

/** Writes the demo's inventory and its wardline.yaml; gives the latter's path. */
export async function writeConfiguration(
  plan: DemoPlan,
  fleet: Fleet,
  webhookUrl: string,
): Promise<string> {
  const inside = plan.network === 'namespace'
  const path = join(plan.dataDir, 'wardline.yaml')
  await writeFile(
    join(plan.dataDir, 'inventory.json'),
    `[\n${fleet.devices.map((device) => JSON.stringify(device)).join(',\n')}\n]\n`,
  )
  const configuration = {
    data_dir: plan.dataDir,
    inventory: { files: ['inventory.json'] },
    ...(inside ? {} : { defaults: { snmp: { port: LOOPBACK_SNMP_PORT, interval: '15s' } } }),
    credentials: fleet.credentials,
    snmp: { uplinks: UPLINKS },
    collector: { name: 'demo' },
    alerting: { external_url: `http://127.0.0.1:${plan.port}` },
    receivers: [{ name: 'demo', webhook: { url: webhookUrl } }],
    ...(inside ? {} : { api: { listen: `127.0.0.1:${plan.port}` } }),
  }
  await writeFile(path, stringify(configuration))
  return path
}
