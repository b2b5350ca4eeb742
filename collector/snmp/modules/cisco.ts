import { defineModule, gauge, number, state, table, text } from './define.ts'

const CISCO_MGMT = '1.3.6.1.4.1.9.9'
const CPM_CPU_TOTAL_ENTRY = `${CISCO_MGMT}.109.1.1.1.1`
const MEMORY_POOL_ENTRY = `${CISCO_MGMT}.48.1.1.1`
const CEMP_MEM_POOL_ENTRY = `${CISCO_MGMT}.221.1.1.1.1`
const ENV_MON = `${CISCO_MGMT}.13.1`

const ENV_MON_STATES = {
  1: 'normal',
  2: 'warning',
  3: 'critical',
  4: 'shutdown',
  5: 'notPresent',
  6: 'notFunctioning',
}

/** CISCO-PROCESS-MIB, CISCO-MEMORY-POOL-MIB, CISCO-ENHANCED-MEMPOOL-MIB and CISCO-ENVMON-MIB. */
export const cisco = defineModule(
  'cisco',
  table({
    entry: CPM_CPU_TOTAL_ENTRY,
    index: 'cpmCPUTotalIndex',
    labels: { cpmCPUTotalPhysicalIndex: number(2) },
    columns: {
      cpmCPUTotal5sec: gauge(3, 'Percent busy in the last 5 seconds, of old agents (1 at least)'),
      cpmCPUTotal1min: gauge(4, 'Percent busy in the last minute, of old agents'),
      cpmCPUTotal5min: gauge(5, 'Percent busy in the last 5 minutes, of old agents'),
      cpmCPUTotal5secRev: gauge(6, 'Percent busy in the last 5 seconds'),
      cpmCPUTotal1minRev: gauge(7, 'Percent busy in the last minute'),
      cpmCPUTotal5minRev: gauge(8, 'Percent busy in the last 5 minutes'),
    },
  }),
  table({
    entry: MEMORY_POOL_ENTRY,
    index: 'ciscoMemoryPoolType',
    labels: { ciscoMemoryPoolName: text(2) },
    columns: {
      ciscoMemoryPoolUsed: gauge(5, 'Bytes of the pool that are used'),
      ciscoMemoryPoolFree: gauge(6, 'Bytes of the pool that are free'),
    },
  }),
  table({
    entry: CEMP_MEM_POOL_ENTRY,
    index: ['entPhysicalIndex', 'cempMemPoolIndex'],
    labels: { cempMemPoolName: text(3) },
    columns: {
      cempMemPoolValid: state(6, 'Whether the figures are right', { 1: 'true', 2: 'false' }),
      cempMemPoolUsed: gauge(7, 'Bytes of the pool that are used, 32 bits', {
        standsInFor: 'cempMemPoolHCUsed',
      }),
      cempMemPoolFree: gauge(8, 'Bytes of the pool that are free, 32 bits', {
        standsInFor: 'cempMemPoolHCFree',
      }),
      cempMemPoolHCUsed: gauge(18, 'Bytes of the pool that are used'),
      cempMemPoolHCFree: gauge(20, 'Bytes of the pool that are free'),
    },
  }),
  table({
    entry: `${ENV_MON}.3.1`,
    index: 'ciscoEnvMonTemperatureStatusIndex',
    labels: { ciscoEnvMonTemperatureStatusDescr: text(2) },
    columns: {
      ciscoEnvMonTemperatureStatusValue: gauge(3, 'Degrees Celsius'),
      ciscoEnvMonTemperatureThreshold: gauge(4, 'Degrees Celsius at which the device shuts down'),
      ciscoEnvMonTemperatureState: state(6, 'State of the place that is measured', ENV_MON_STATES),
    },
  }),
  table({
    entry: `${ENV_MON}.4.1`,
    index: 'ciscoEnvMonFanStatusIndex',
    labels: { ciscoEnvMonFanStatusDescr: text(2) },
    columns: { ciscoEnvMonFanState: state(3, 'State of the fan', ENV_MON_STATES) },
  }),
  table({
    entry: `${ENV_MON}.5.1`,
    index: 'ciscoEnvMonSupplyStatusIndex',
    labels: { ciscoEnvMonSupplyStatusDescr: text(2) },
    columns: { ciscoEnvMonSupplyState: state(3, 'State of the power supply', ENV_MON_STATES) },
  }),
)
