import { type Part, defineModule, gauge, objectId, scalars, table, text } from './define.ts'

const HOST = '1.3.6.1.2.1.25'
const HR_STORAGE_ENTRY = `${HOST}.2.3.1`
const HR_PROCESSOR_ENTRY = `${HOST}.3.3.1`

/** Processors and memory, disks among it, as HOST-RESOURCES-MIB (RFC 2790) has them; part of several modules. */
export const processorsAndStorage: readonly Part[] = [
  table({
    entry: HR_PROCESSOR_ENTRY,
    index: 'hrDeviceIndex',
    columns: { hrProcessorLoad: gauge(2, 'Percent of the last minute that it was busy') },
  }),
  table({
    entry: HR_STORAGE_ENTRY,
    index: 'hrStorageIndex',
    labels: { hrStorageType: objectId(2), hrStorageDescr: text(3) },
    columns: {
      hrStorageAllocationUnits: gauge(4, 'Bytes in a unit of hrStorageSize and hrStorageUsed'),
      hrStorageSize: gauge(5, 'Size, in units of hrStorageAllocationUnits'),
      hrStorageUsed: gauge(6, 'Used, in units of hrStorageAllocationUnits'),
    },
  }),
]

/** The host as a whole, and the above: part of several modules. */
export const host: readonly Part[] = [
  scalars(`${HOST}.1`, {
    hrSystemUptime: gauge(1, 'Hundredths of a second since the host started, not only its agent'),
    hrSystemNumUsers: gauge(5, 'Sessions of users'),
    hrSystemProcesses: gauge(6, 'Processes, loaded or running'),
  }),
  ...processorsAndStorage,
]

export const hostResources = defineModule('host_resources', ...host)
