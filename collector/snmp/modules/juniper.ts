import { defineModule, gauge, scalars, state, table, text } from './define.ts'

const JNX_MIBS = '1.3.6.1.4.1.2636.3'
const JNX_OPERATING_ENTRY = `${JNX_MIBS}.1.13.1`
const JNX_ALARMS = `${JNX_MIBS}.4.2`

/** JUNIPER-MIB's components (routing engines, boards, fans, power supplies) and JUNIPER-ALARM-MIB's counts. */
export const juniper = defineModule(
  'juniper',
  table({
    entry: JNX_OPERATING_ENTRY,
    index: [
      'jnxOperatingContentsIndex',
      'jnxOperatingL1Index',
      'jnxOperatingL2Index',
      'jnxOperatingL3Index',
    ],
    labels: { jnxOperatingDescr: text(5) },
    columns: {
      jnxOperatingState: state(6, 'State of the component', {
        1: 'unknown',
        2: 'running',
        3: 'ready',
        4: 'reset',
        5: 'runningAtFullSpeed',
        6: 'down',
        7: 'standby',
      }),
      jnxOperatingTemp: gauge(7, 'Degrees Celsius; 0: without a sensor'),
      jnxOperatingCPU: gauge(8, 'Percent of its processor that is busy; 0 also where it has none'),
      jnxOperatingBuffer: gauge(11, 'Percent of its memory that is used; 0 also where it has none'),
    },
  }),
  scalars(`${JNX_ALARMS}.2`, { jnxYellowAlarmCount: gauge(2, 'Yellow alarms that are active') }),
  scalars(`${JNX_ALARMS}.3`, { jnxRedAlarmCount: gauge(2, 'Red alarms that are active') }),
)
