import { defineModule, gauge, numberInText, scalars, state, table, text } from './define.ts'

const ICF = '1.3.6.1.4.1.11.2.14.11'
const HP_SWITCH = `${ICF}.5.1`
const HPICF_CHASSIS = `${ICF}.1.2`

/** STATISTICS-MIB, NETSWITCH-MIB and HP-ICF-CHASSIS: ProCurve and ArubaOS-Switch. */
export const hpAruba = defineModule(
  'hp_aruba',
  scalars(`${HP_SWITCH}.9.6`, {
    hpSwitchCpuStat: gauge(1, 'Percent of the processor that is busy'),
  }),
  table({
    entry: `${HP_SWITCH}.1.2.1.1.1`,
    index: 'hpLocalMemSlotIndex',
    columns: {
      hpLocalMemTotalBytes: gauge(5, 'Memory of the slot, in bytes'),
      hpLocalMemFreeBytes: gauge(6, 'Memory of the slot that is free, in bytes'),
    },
  }),
  table({
    entry: `${HPICF_CHASSIS}.6.1`,
    index: 'hpicfSensorIndex',
    labels: { hpicfSensorDescr: text(7) },
    columns: {
      hpicfSensorStatus: state(4, 'State of a fan, a power supply or a temperature', {
        1: 'unknown',
        2: 'bad',
        3: 'warning',
        4: 'good',
        5: 'notPresent',
      }),
    },
  }),
  table({
    entry: `${HPICF_CHASSIS}.8.1.1`,
    index: 'hpSystemAirSensor',
    labels: { hpSystemAirName: text(2) },
    columns: { hpSystemAirCurrentTemp: numberInText(3, 'Degrees Celsius') },
  }),
)
