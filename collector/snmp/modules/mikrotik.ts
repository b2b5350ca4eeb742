import { defineModule, gauge, number, scalars, state, table, text } from './define.ts'
import { processorsAndStorage } from './host-resources.ts'

const MTXR_HEALTH = '1.3.6.1.4.1.14988.1.1.3'

const OK = { 0: 'false', 1: 'true' }

/**
 * MIKROTIK-MIB's health and HOST-RESOURCES-MIB. RouterOS 6 has the single objects, RouterOS 7 the table of gauges, and
 * boards without a sensor leave its object out.
 */
export const mikrotik = defineModule(
  'mikrotik',
  scalars(MTXR_HEALTH, {
    mtxrHlVoltage: gauge(8, 'Supply, in tenths of a volt'),
    mtxrHlTemperature: gauge(10, 'Board, in tenths of a degree Celsius'),
    mtxrHlProcessorTemperature: gauge(11, 'Processor, in tenths of a degree Celsius'),
    mtxrHlPower: gauge(12, 'Consumption, in tenths of a watt'),
    mtxrHlCurrent: gauge(13, 'Consumption, in mA'),
    mtxrHlPowerSupplyState: state(15, 'Power supply is well', OK),
    mtxrHlBackupPowerSupplyState: state(16, 'Second power supply is well', OK),
    mtxrHlFanSpeed1: gauge(17, 'First fan, in rpm'),
    mtxrHlFanSpeed2: gauge(18, 'Second fan, in rpm'),
  }),
  table({
    entry: `${MTXR_HEALTH}.100.1`,
    index: 'mtxrGaugeIndex',
    labels: { mtxrGaugeName: text(2), mtxrGaugeUnit: number(4) },
    columns: {
      mtxrGaugeValue: gauge(
        3,
        'In the unit of mtxrGaugeUnit: 1 °C, 2 rpm, 3 tenths of a volt, 4 tenths of an ampere, 5 tenths of a watt, 6 a state',
      ),
    },
  }),
  ...processorsAndStorage,
)
