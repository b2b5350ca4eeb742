import { defineModule, gauge, state, table, text } from './define.ts'

const ENTITY_EXTENT = '1.3.6.1.4.1.2011.5.25.31.1.1'
const ENT_PHYSICAL_NAME = '1.3.6.1.2.1.47.1.1.1.1.7'

/** HUAWEI-ENTITY-EXTENT-MIB. */
export const huawei = defineModule(
  'huawei',
  table({
    entry: `${ENTITY_EXTENT}.1.1`,
    index: 'entPhysicalIndex',
    labels: { entPhysicalName: text(ENT_PHYSICAL_NAME) },
    columns: {
      hwEntityCpuUsage: gauge(5, "Percent of a board's processor that is busy"),
      hwEntityMemUsage: gauge(7, "Percent of a board's memory that is used"),
      hwEntityTemperature: gauge(11, 'Degrees Celsius; 2147483647: without a sensor'),
    },
    // The table has a row for every port and transceiver; boards are the ones that use memory.
    rowsWhere: { at: 7, matches: /^[1-9]/ },
  }),
  table({
    entry: `${ENTITY_EXTENT}.10.1`,
    index: ['hwEntityFanSlot', 'hwEntityFanSn'],
    columns: {
      hwEntityFanSpeed: gauge(5, 'Percent of full speed'),
      hwEntityFanState: state(7, 'State of the fan', { 1: 'normal', 2: 'abnormal' }),
    },
  }),
  table({
    entry: `${ENTITY_EXTENT}.18.1`,
    index: ['hwEntityPwrSlot', 'hwEntityPwrSn'],
    columns: {
      hwEntityPwrState: state(6, 'State of the power supply', {
        1: 'supply',
        2: 'notSupply',
        3: 'sleep',
        4: 'unknown',
      }),
    },
  }),
)
