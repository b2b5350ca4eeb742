import { defineModule, gauge, table, text } from './define.ts'

const SYSTEM_EXT = '1.3.6.1.4.1.14823.2.2.1.2.1'

/** WLSX-SYSTEMEXT-MIB: Aruba's mobility controllers. */
export const arubaController = defineModule(
  'aruba_controller',
  table({
    entry: `${SYSTEM_EXT}.13.1`,
    index: 'sysExtProcessorID',
    labels: { sysExtProcessorDescr: text(2) },
    columns: { sysExtProcessorLoad: gauge(3, 'Percent of the last minute that it was busy') },
  }),
  table({
    entry: `${SYSTEM_EXT}.15.1`,
    index: 'sysExtMemoryIndex',
    columns: {
      sysExtMemorySize: gauge(2, 'Memory, in kB'),
      sysExtMemoryUsed: gauge(3, 'Memory that is used, in kB'),
      sysExtMemoryFree: gauge(4, 'Memory that is free, in kB'),
    },
  }),
)
