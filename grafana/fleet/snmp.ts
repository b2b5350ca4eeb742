import { deviceOfRow, deviceOfSeries } from '../links.ts'
import { type Row, range, rows, table, timeSeries } from '../panels.ts'
import { butDown, named, ofType, perDevice, scoped } from '../queries.ts'

/** What the devices say of themselves. */
export const snmpRow = (): Row => ({
  title: 'SNMP and interfaces',
  panels: [snmpFailing(), traffic('in'), traffic('out')],
})

function snmpFailing() {
  const failing = butDown(`${perDevice(`last_over_time(${scoped('snmp_up')}[10m])`)} == 0`)
  return table({
    title: 'SNMP failing',
    description:
      'Devices that answer to ping and not to SNMP: credentials, access list or agent. Devices that are down are left out.',
    unit: 'short',
    width: 8,
    height: 9,
    queries: [rows(named(failing, 'name, branch, address, type'))],
  })
    .noValue('every device that is up answers to SNMP')
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, Value: true },
        indexByName: { name: 0, branch: 1, address: 2, type: 3, device: 4 },
      },
    })
    .overrideByName('name', deviceOfRow())
    .overrideByName('device', deviceOfRow())
}

function traffic(direction: 'in' | 'out') {
  const [wide, narrow] =
    direction === 'in' ? ['ifHCInOctets', 'ifInOctets'] : ['ifHCOutOctets', 'ifOutOctets']
  // Agents without 64-bit counters (all of SNMPv1) have the narrow ones alone.
  const octets = `rate(${scoped(wide)}[$__rate_interval]) or rate(${scoped(narrow)}[$__rate_interval])`
  const bits = ofType(`8 * max by (device, ifIndex, ifName, ifAlias) (${octets})`)
  return timeSeries({
    title: `Busiest interfaces, ${direction}`,
    description: `The ten interfaces with the most traffic ${direction} over the chosen time, by ${wide} or ${narrow}.`,
    unit: 'bps',
    width: 8,
    height: 9,
    // topk_avg keeps the ten lines the same over the whole range, topk would choose anew at each point.
    queries: [range(`topk_avg(10, ${bits})`, '{{device}} {{ifName}} {{ifAlias}}', '1m')],
  }).dataLinks(deviceOfSeries())
}
