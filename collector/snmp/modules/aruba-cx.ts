import { defineModule, gauge, state, table, text, textIndex } from './define.ts'

const WND_FEATURES = '1.3.6.1.4.1.47196.4.1.1.3'
const CHASSIS = `${WND_FEATURES}.11`

/** ARUBAWIRED-SYSTEMINFO, -TEMPSENSOR, -FAN and -POWERSUPPLY-MIB: ArubaOS-CX. */
export const arubaCx = defineModule(
  'aruba_cx',
  table({
    entry: `${WND_FEATURES}.22.1.0.1.1`,
    index: [
      textIndex('arubaWiredSystemInfoModuleType'),
      textIndex('arubaWiredSystemInfoModuleName'),
    ],
    columns: {
      arubaWiredSystemInfoCpu: gauge(3, "Percent of a module's processors that is busy"),
      arubaWiredSystemInfoMemory: gauge(4, "Percent of a module's memory that is used"),
    },
  }),
  table({
    entry: `${CHASSIS}.3.1.1`,
    index: [
      'arubaWiredTempSensorGroupIndex',
      'arubaWiredTempSensorSlotTypeIndex',
      'arubaWiredTempSensorSlotIndex',
      'arubaWiredTempSensorIndex',
    ],
    labels: { arubaWiredTempSensorName: text(5) },
    columns: { arubaWiredTempSensorTemperature: gauge(7, 'Thousandths of a degree Celsius') },
  }),
  table({
    entry: `${CHASSIS}.5.1.1`,
    index: ['arubaWiredFanGroupIndex', 'arubaWiredFanTrayIndex', 'arubaWiredFanSlotIndex'],
    labels: { arubaWiredFanName: text(4) },
    columns: {
      arubaWiredFanRPM: gauge(8, 'Speed, in rpm; -1: not known'),
      arubaWiredFanStateEnum: state(10, 'State of the fan; AOS-CX 10.12 and later', {
        1: 'unknown',
        2: 'empty',
        3: 'uninitialized',
        4: 'ok',
        5: 'fault',
      }),
    },
  }),
  table({
    entry: `${CHASSIS}.2.1.1`,
    index: ['arubaWiredPSUGroupIndex', 'arubaWiredPSUSlotIndex'],
    labels: { arubaWiredPSUName: text(3) },
    columns: {
      arubaWiredPSUInstantaneousPower: gauge(7, 'Output, in watts'),
      arubaWiredPSUMaximumPower: gauge(8, 'Most that it can put out, in watts'),
      arubaWiredPSUStateEnum: state(11, 'State of the power supply; AOS-CX 10.12 and later', {
        1: 'ok',
        2: 'faultAbsent',
        3: 'faultInput',
        4: 'faultOutput',
        5: 'faultPOE',
        6: 'faultNoRecov',
        7: 'alert',
        8: 'unknown',
        9: 'unsupported',
        10: 'warning',
        11: 'init',
        12: 'empty',
        13: 'faultAirflow',
        14: 'faultRedundancy',
        15: 'faultMixedInput',
        16: 'overvoltage',
        17: 'undervoltage',
      }),
    },
  }),
)
