import { counter, defineModule, gauge, scalars, state, table, text } from './define.ts'
import { host } from './host-resources.ts'

const UCD = '1.3.6.1.4.1.2021'

/** UCD-SNMP-MIB and HOST-RESOURCES-MIB, as Net-SNMP's agent has them. */
export const linux = defineModule(
  'linux',
  scalars(`${UCD}.11`, {
    ssCpuRawUser: counter(
      50,
      'Ticks of all processors for users, hundredths of a second as a rule',
    ),
    ssCpuRawNice: counter(51, 'Ticks for users at reduced priority'),
    ssCpuRawSystem: counter(52, 'Ticks for the system'),
    ssCpuRawIdle: counter(53, 'Ticks without work'),
    ssCpuRawWait: counter(54, 'Ticks that waited for disks'),
    ssCpuRawKernel: counter(55, 'Ticks in the kernel, in ssCpuRawSystem too'),
    ssCpuRawInterrupt: counter(56, 'Ticks for interrupts'),
    ssCpuRawSoftIRQ: counter(61, 'Ticks for soft interrupts'),
    ssCpuRawSteal: counter(64, 'Ticks that the hypervisor took'),
    ssIORawSent: counter(57, 'Blocks written to block devices'),
    ssIORawReceived: counter(58, 'Blocks read from block devices'),
    ssRawSwapIn: counter(62, 'Blocks swapped in'),
    ssRawSwapOut: counter(63, 'Blocks swapped out'),
    ssCpuNumCpus: gauge(67, 'Processors that the ticks above are counted over'),
  }),
  scalars(`${UCD}.4`, {
    memTotalSwap: gauge(3, 'Swap, in kB'),
    memAvailSwap: gauge(4, 'Swap that is free, in kB'),
    memTotalReal: gauge(5, 'Memory, in kB'),
    memAvailReal: gauge(6, 'Memory that nothing uses, in kB: without buffers and cache'),
    memTotalFree: gauge(11, 'Memory and swap that are free, in kB'),
    memShared: gauge(13, 'Shared memory, in kB'),
    memBuffer: gauge(14, 'Memory for buffers, in kB'),
    memCached: gauge(15, 'Memory for the page cache, in kB'),
    memSysAvail: gauge(
      27,
      'Memory that could be had without swapping, in kB; Net-SNMP 5.9 and later',
    ),
  }),
  table({
    entry: `${UCD}.10.1`,
    index: 'laIndex',
    labels: { laNames: text(2) },
    columns: {
      laLoadInt: gauge(5, 'Load average over 1, 5 or 15 minutes (laNames), in hundredths'),
    },
  }),
  table({
    entry: `${UCD}.9.1`,
    index: 'dskIndex',
    labels: { dskPath: text(2), dskDevice: text(3) },
    columns: {
      dskTotal: gauge(6, 'Size, in kB; 2147483647 where it is more'),
      dskAvail: gauge(7, 'Space that users may still fill, in kB; 2147483647 where it is more'),
      dskUsed: gauge(8, 'Used, in kB; 2147483647 where it is more'),
      dskPercent: gauge(9, 'Percent of the space that is used'),
      dskPercentNode: gauge(10, 'Percent of the inodes that are used'),
      dskErrorFlag: state(100, "Past the agent's own limit", { 0: 'noError', 1: 'error' }),
    },
  }),
  ...host,
)
