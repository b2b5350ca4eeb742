import { defineModule, deviceTexts, gauge, scalars } from './define.ts'

const SYSTEM = '1.3.6.1.2.1.1'
const INTERFACES = '1.3.6.1.2.1.2'

/** SNMPv2-MIB (RFC 3418): what every agent has. */
export const system = defineModule(
  'system',
  scalars(SYSTEM, {
    sysUpTime: gauge(3, 'Hundredths of a second since the agent started; back to 0 after 497 days'),
  }),
  scalars(INTERFACES, { ifNumber: gauge(1, 'Interfaces, whatever their state') }),
  deviceTexts(SYSTEM, { sysDescr: 1, sysObjectID: 2, sysName: 5 }),
)
