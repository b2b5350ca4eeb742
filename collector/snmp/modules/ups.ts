import { counter, defineModule, gauge, scalars, state, table } from './define.ts'

const UPS_OBJECTS = '1.3.6.1.2.1.33.1'

/** UPS-MIB (RFC 1628). */
export const ups = defineModule(
  'ups',
  scalars(`${UPS_OBJECTS}.2`, {
    upsBatteryStatus: state(1, 'State of the battery', {
      1: 'unknown',
      2: 'batteryNormal',
      3: 'batteryLow',
      4: 'batteryDepleted',
    }),
    upsSecondsOnBattery: gauge(2, 'Seconds since it runs on battery; 0: it does not'),
    upsEstimatedMinutesRemaining: gauge(3, 'Minutes that the battery will last at this load'),
    upsEstimatedChargeRemaining: gauge(4, 'Percent of a full battery'),
    upsBatteryVoltage: gauge(5, 'Voltage of the battery, in tenths of a volt'),
    upsBatteryCurrent: gauge(6, 'Current of the battery, in tenths of an ampere'),
    upsBatteryTemperature: gauge(7, 'At the battery, in degrees Celsius'),
  }),
  scalars(`${UPS_OBJECTS}.3`, {
    upsInputLineBads: counter(1, 'Times that the input went out of tolerance'),
  }),
  table({
    entry: `${UPS_OBJECTS}.3.3.1`,
    index: 'upsInputLineIndex',
    columns: {
      upsInputFrequency: gauge(2, 'Of an input line, in tenths of a hertz'),
      upsInputVoltage: gauge(3, 'Of an input line, in volts'),
      upsInputCurrent: gauge(4, 'Of an input line, in tenths of an ampere'),
      upsInputTruePower: gauge(5, 'Of an input line, in watts'),
    },
  }),
  scalars(`${UPS_OBJECTS}.4`, {
    upsOutputSource: state(1, 'Where the output comes from', {
      1: 'other',
      2: 'none',
      3: 'normal',
      4: 'bypass',
      5: 'battery',
      6: 'booster',
      7: 'reducer',
    }),
    upsOutputFrequency: gauge(2, 'Frequency of the output, in tenths of a hertz'),
  }),
  table({
    entry: `${UPS_OBJECTS}.4.4.1`,
    index: 'upsOutputLineIndex',
    columns: {
      upsOutputVoltage: gauge(2, 'Of an output line, in volts'),
      upsOutputCurrent: gauge(3, 'Of an output line, in tenths of an ampere'),
      upsOutputPower: gauge(4, 'Of an output line, in watts'),
      upsOutputPercentLoad: gauge(5, 'Percent of what the UPS can carry'),
    },
  }),
  scalars(`${UPS_OBJECTS}.6`, { upsAlarmsPresent: gauge(1, 'Alarms that are active') }),
  scalars(`${UPS_OBJECTS}.7`, {
    upsTestResultsSummary: state(3, 'How the last test ended', {
      1: 'donePass',
      2: 'doneWarning',
      3: 'doneError',
      4: 'aborted',
      5: 'inProgress',
      6: 'noTestsInitiated',
    }),
  }),
)
