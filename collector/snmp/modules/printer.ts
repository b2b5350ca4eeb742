import { bits, counter, defineModule, gauge, state, table, text } from './define.ts'

const HR_DEVICE = '1.3.6.1.2.1.25.3'
const HR_DEVICE_DESCR = `${HR_DEVICE}.2.1.3`
const PRT = '1.3.6.1.2.1.43'

/** Printer-MIB (RFC 3805), and what HOST-RESOURCES-MIB says of printers. */
export const printer = defineModule(
  'printer',
  table({
    entry: `${HR_DEVICE}.5.1`,
    index: 'hrDeviceIndex',
    labels: { hrDeviceDescr: text(HR_DEVICE_DESCR) },
    columns: {
      hrPrinterStatus: state(1, 'What the printer does', {
        1: 'other',
        2: 'unknown',
        3: 'idle',
        4: 'printing',
        5: 'warmup',
      }),
      hrPrinterDetectedErrorState: bits(2, 'What is wrong with it: 1 for what is', {
        0: 'lowPaper',
        1: 'noPaper',
        2: 'lowToner',
        3: 'noToner',
        4: 'doorOpen',
        5: 'jammed',
        6: 'offline',
        7: 'serviceRequested',
        8: 'inputTrayMissing',
        9: 'outputTrayMissing',
        10: 'markerSupplyMissing',
        11: 'outputNearFull',
        12: 'outputFull',
        13: 'inputTrayEmpty',
        14: 'overduePreventMaint',
      }),
    },
  }),
  table({
    entry: `${PRT}.10.2.1`,
    index: ['hrDeviceIndex', 'prtMarkerIndex'],
    columns: { prtMarkerLifeCount: counter(4, 'Pages, as a rule, in the life of the printer') },
  }),
  table({
    entry: `${PRT}.11.1.1`,
    index: ['hrDeviceIndex', 'prtMarkerSuppliesIndex'],
    labels: { prtMarkerSuppliesDescription: text(6) },
    columns: {
      prtMarkerSuppliesMaxCapacity: gauge(8, 'Of a full one, in its own unit; -2: unknown'),
      prtMarkerSuppliesLevel: gauge(
        9,
        'What is left of it, in its own unit; -1: no limit, -2: unknown, -3: some is left',
      ),
    },
  }),
  table({
    entry: `${PRT}.8.2.1`,
    index: ['hrDeviceIndex', 'prtInputIndex'],
    labels: { prtInputName: text(13) },
    columns: {
      prtInputMaxCapacity: gauge(9, 'Sheets, as a rule, of a full tray; -2: unknown'),
      prtInputCurrentLevel: gauge(10, 'Sheets, as a rule, in it; -2: unknown, -3: some are left'),
    },
  }),
  table({
    entry: `${PRT}.6.1.1`,
    index: ['hrDeviceIndex', 'prtCoverIndex'],
    labels: { prtCoverDescription: text(2) },
    columns: {
      prtCoverStatus: state(3, 'State of a cover', {
        1: 'other',
        3: 'coverOpen',
        4: 'coverClosed',
        5: 'interlockOpen',
        6: 'interlockClosed',
      }),
    },
  }),
  table({
    entry: `${PRT}.18.1.1`,
    index: ['hrDeviceIndex', 'prtAlertIndex'],
    labels: { prtAlertDescription: text(8) },
    columns: {
      prtAlertSeverityLevel: state(2, 'An alert that is active', {
        1: 'other',
        3: 'critical',
        4: 'warning',
        5: 'warningBinaryChangeEvent',
      }),
    },
  }),
)
