import {
  counter,
  defineModule,
  gauge,
  numberInText,
  scalars,
  state,
  table,
  text,
} from './define.ts'

const FORTIGATE = '1.3.6.1.4.1.12356.101'
const HW_SENSOR_ENTRY = `${FORTIGATE}.4.3.2.1`
const VPN_TUNNEL_ENTRY = `${FORTIGATE}.12.2.2.1`
const HA_STATS_ENTRY = `${FORTIGATE}.13.2.1.1`

/** FORTINET-FORTIGATE-MIB. */
export const fortinet = defineModule(
  'fortinet',
  scalars(`${FORTIGATE}.4.1`, {
    fgSysCpuUsage: gauge(3, 'Percent of the processors that is busy'),
    fgSysMemUsage: gauge(4, 'Percent of the memory that is used'),
    fgSysMemCapacity: gauge(5, 'Memory, in kB'),
    fgSysDiskUsage: gauge(6, 'Disk that is used, in MB'),
    fgSysDiskCapacity: gauge(7, 'Disk, in MB; 0: none'),
    fgSysSesCount: gauge(8, 'Sessions'),
    fgSysSesRate1: gauge(11, 'New sessions a second, over the last minute'),
  }),
  scalars(`${FORTIGATE}.13.1`, {
    fgHaSystemMode: state(1, 'Mode of the cluster', {
      1: 'standalone',
      2: 'activeActive',
      3: 'activePassive',
    }),
  }),
  table({
    entry: HA_STATS_ENTRY,
    index: 'fgHaStatsIndex',
    labels: { fgHaStatsSerial: text(2), fgHaStatsHostname: text(11) },
    columns: {
      fgHaStatsCpuUsage: gauge(3, "Percent of a member's processors that is busy"),
      fgHaStatsMemUsage: gauge(4, "Percent of a member's memory that is used"),
      fgHaStatsSesCount: gauge(6, 'Sessions of a member'),
      fgHaStatsSyncStatus: state(12, 'Whether a member has the same configuration', {
        0: 'unsynchronized',
        1: 'synchronized',
      }),
    },
  }),
  table({
    entry: HW_SENSOR_ENTRY,
    index: 'fgHwSensorEntIndex',
    labels: { fgHwSensorEntName: text(2) },
    columns: {
      fgHwSensorEntValue: numberInText(3, 'What it measures: °C, V or rpm, as its name says'),
      fgHwSensorEntAlarmStatus: state(4, 'Whether it is beyond its limits', {
        0: 'false',
        1: 'true',
      }),
    },
  }),
  table({
    entry: VPN_TUNNEL_ENTRY,
    index: ['fgVpnTunEntIndex', 'fgVpnTunEntPhase2Index'],
    labels: { fgVpnTunEntPhase1Name: text(2), fgVpnTunEntPhase2Name: text(3) },
    columns: {
      fgVpnTunEntInOctets: counter(18, 'Octets received through the tunnel'),
      fgVpnTunEntOutOctets: counter(19, 'Octets sent through the tunnel'),
      fgVpnTunEntStatus: state(20, 'State of the tunnel', { 1: 'down', 2: 'up' }),
    },
  }),
)
