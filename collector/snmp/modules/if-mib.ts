import { counter, defineModule, gauge, state, table, text } from './define.ts'

const IF_ENTRY = '1.3.6.1.2.1.2.2.1'
const IF_X_ENTRY = '1.3.6.1.2.1.31.1.1.1'

const rows = {
  index: 'ifIndex',
  labels: {
    ifName: text(`${IF_X_ENTRY}.1`),
    ifAlias: text(`${IF_X_ENTRY}.18`),
    ifDescr: text(`${IF_ENTRY}.2`),
  },
}

/** IF-MIB (RFC 2863). The 32-bit counters are for agents and rows without the 64-bit ones. */
export const ifMib = defineModule(
  'if_mib',
  table({
    entry: IF_ENTRY,
    ...rows,
    columns: {
      ifAdminStatus: state(7, 'The state that was configured', {
        1: 'up',
        2: 'down',
        3: 'testing',
      }),
      ifOperStatus: state(8, 'The state that it is in', {
        1: 'up',
        2: 'down',
        3: 'testing',
        4: 'unknown',
        5: 'dormant',
        6: 'notPresent',
        7: 'lowerLayerDown',
      }),
      ifInOctets: counter(10, 'Octets received, 32 bits', { standsInFor: 'ifHCInOctets' }),
      ifInUcastPkts: counter(11, 'Unicast packets received, 32 bits', {
        standsInFor: 'ifHCInUcastPkts',
      }),
      ifInDiscards: counter(13, 'Good packets received and dropped, for want of buffers as a rule'),
      ifInErrors: counter(14, 'Packets received with errors'),
      ifOutOctets: counter(16, 'Octets sent, 32 bits', { standsInFor: 'ifHCOutOctets' }),
      ifOutUcastPkts: counter(17, 'Unicast packets to be sent, 32 bits', {
        standsInFor: 'ifHCOutUcastPkts',
      }),
      ifOutDiscards: counter(19, 'Good packets that were dropped instead of sent'),
      ifOutErrors: counter(20, 'Packets not sent because of errors'),
    },
  }),
  table({
    entry: IF_X_ENTRY,
    ...rows,
    columns: {
      ifHCInOctets: counter(6, 'Octets received'),
      ifHCInUcastPkts: counter(7, 'Unicast packets received'),
      ifHCOutOctets: counter(10, 'Octets sent'),
      ifHCOutUcastPkts: counter(11, 'Unicast packets to be sent, the dropped ones included'),
      ifHighSpeed: gauge(15, 'Speed in millions of bits a second'),
    },
  }),
)
