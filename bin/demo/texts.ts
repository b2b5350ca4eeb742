import { join } from 'node:path'
import type { Fleet } from '../../lab/fleet.ts'
import { type DemoPlan, LOG_FILE, PORTS, TRUTH_FILE } from './plan.ts'

/** What is printed before anything runs: what is simulated, and what can't be. */
export function opening(plan: DemoPlan, fleet: Fleet): string {
  const { devices } = fleet
  const count = (key: 'branch' | 'region') => new Set(devices.map((device) => device[key])).size
  const snmp = devices.filter((device) => device.snmp !== undefined).length
  const lines = [
    `A simulated network: ${devices.length} devices in ${count('branch')} branches and ${count('region')} regions, ${snmp} with SNMP.`,
  ]
  if (plan.network === 'namespace')
    lines.push(
      'It exists in a network namespace on this machine alone; the probes, the agents and the whole pipeline are real.',
      `Outages follow a script (seed "${plan.seed}", speed ${plan.speed}): power cuts, branches cut off, flapping and lossy`,
      'lines, reboots, SNMP agents that hang; about 2 % of the devices are down at any time.',
    )
  else
    lines.push(
      `No network namespace: ${plan.network.loopback}.`,
      'So the devices are loopback addresses (127.18.0.0/15), which always answer a ping: no device can go down',
      'here. Only SNMP outages are simulated, by agents that fall silent.',
    )
  return lines.join('\n')
}

/** What is printed once the page answers. */
export function ready(plan: DemoPlan): string {
  const inDataDir = (file: string) => join(plan.dataDir, file)
  return `
  Page and API       http://127.0.0.1:${plan.port}
  VictoriaMetrics    http://127.0.0.1:${PORTS.victoriaMetrics}  (a Prometheus data source for Grafana)
  Alerting           http://127.0.0.1:${PORTS.alerting}
  What really happened, to compare: ${inDataDir(TRUTH_FILE)}
  wardline's log: ${inDataDir(LOG_FILE)}
${plan.closed.map((problem) => `  Not reachable from here: ${problem}\n`).join('')}
To monitor your own devices write these lines to wardline.yaml and run npm start again:

  inventory:
    devices:
      - { id: router-1, address: 192.0.2.1 }

Ctrl-C ends the demo. Notifications, as a webhook receives them:
`
}
