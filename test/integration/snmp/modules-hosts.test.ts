import { afterAll, beforeAll, expect, test } from 'vitest'
import { pollRecording, startRecordings } from './recorded.ts'
import type { Snmpsim } from './snmpsim.ts'

// Recordings: test/recordings/README.md.
let agents: Snmpsim
beforeAll(async () => {
  agents = await startRecordings()
})
afterAll(() => agents[Symbol.asyncDispose]())

async function rowsOf(name: string): Promise<string> {
  const { rows } = await pollRecording(agents, name)
  return `\n${rows}\n`
}

test('system: a ProCurve switch: texts beside the numbers', async () => {
  expect(await rowsOf('system')).toBe(`
{}
  ifNumber 32, sysUpTime 931440500
`)
})

test('linux: Net-SNMP on Linux', async () => {
  expect(await rowsOf('linux')).toBe(`
{}
  hrSystemNumUsers 0, hrSystemProcesses 102, hrSystemUptime 1303618, memAvailReal 22234356
  memAvailSwap 0, memBuffer 6688, memCached 948260, memShared 8856
  memSysAvail 22875260, memTotalFree 22234356, memTotalReal 24684092, memTotalSwap 0
  ssCpuNumCpus 2, ssCpuRawIdle 1564841, ssCpuRawInterrupt 0, ssCpuRawKernel 0
  ssCpuRawNice 3762, ssCpuRawSoftIRQ 14352, ssCpuRawSteal 9765, ssCpuRawSystem 228463
  ssCpuRawUser 748188, ssCpuRawWait 9370, ssIORawReceived 11013138, ssIORawSent 24181328
  ssRawSwapIn 0, ssRawSwapOut 0
{dskIndex="1", dskPath="/", dskDevice="/dev/vda"}
  dskAvail 81578956, dskErrorFlag 0, dskPercent 9, dskPercentNode 3
  dskTotal 264212084, dskUsed 24811956
{dskIndex="2", dskPath="/dev/shm", dskDevice="tmpfs"}
  dskAvail 24684092, dskErrorFlag 0, dskPercent 0, dskPercentNode 0
  dskTotal 24684092, dskUsed 0
{hrDeviceIndex="196608"}
  hrProcessorLoad 100
{hrDeviceIndex="196609"}
  hrProcessorLoad 100
{hrStorageIndex="1", hrStorageType="1.3.6.1.2.1.25.2.1.2", hrStorageDescr="Physical memory"}
  hrStorageAllocationUnits 1024, hrStorageSize 24684092, hrStorageUsed 2449736
{hrStorageIndex="3", hrStorageType="1.3.6.1.2.1.25.2.1.3", hrStorageDescr="Virtual memory"}
  hrStorageAllocationUnits 1024, hrStorageSize 24684092, hrStorageUsed 2449736
{hrStorageIndex="6", hrStorageType="1.3.6.1.2.1.25.2.1.1", hrStorageDescr="Memory buffers"}
  hrStorageAllocationUnits 1024, hrStorageSize 24684092, hrStorageUsed 6688
{hrStorageIndex="7", hrStorageType="1.3.6.1.2.1.25.2.1.1", hrStorageDescr="Cached memory"}
  hrStorageAllocationUnits 1024, hrStorageSize 948260, hrStorageUsed 948260
{hrStorageIndex="8", hrStorageType="1.3.6.1.2.1.25.2.1.1", hrStorageDescr="Shared memory"}
  hrStorageAllocationUnits 1024, hrStorageSize 8856, hrStorageUsed 8856
{hrStorageIndex="10", hrStorageType="1.3.6.1.2.1.25.2.1.3", hrStorageDescr="Swap space"}
  hrStorageAllocationUnits 1024, hrStorageSize 0, hrStorageUsed 0
{hrStorageIndex="11", hrStorageType="1.3.6.1.2.1.25.2.1.1", hrStorageDescr="Available memory"}
  hrStorageAllocationUnits 1024, hrStorageSize 22875260, hrStorageUsed 0
{hrStorageIndex="31", hrStorageType="1.3.6.1.2.1.25.2.1.4", hrStorageDescr="/"}
  hrStorageAllocationUnits 4096, hrStorageSize 66053021, hrStorageUsed 6202989
{hrStorageIndex="32", hrStorageType="1.3.6.1.2.1.25.2.1.4", hrStorageDescr="/dev/shm"}
  hrStorageAllocationUnits 4096, hrStorageSize 6171023, hrStorageUsed 0
{laIndex="1", laNames="Load-1"}
  laLoadInt 564
{laIndex="2", laNames="Load-5"}
  laLoadInt 222
{laIndex="3", laNames="Load-15"}
  laLoadInt 117
`)
})

test('windows: Windows XP: a drive without a medium', async () => {
  expect(await rowsOf('windows')).toBe(`
{}
  hrSystemNumUsers 2, hrSystemProcesses 33, hrSystemUptime 23294484
{hrDeviceIndex="5"}
  hrProcessorLoad 0
{hrStorageIndex="1", hrStorageType="1.3.6.1.2.1.25.2.1.4", hrStorageDescr="C:\\ Label:  Serial Number 1848504c"}
  hrStorageAllocationUnits 16384, hrStorageSize 1952447, hrStorageUsed 1884128
{hrStorageIndex="2", hrStorageType="1.3.6.1.2.1.25.2.1.7", hrStorageDescr="D:\\"}
  hrStorageAllocationUnits 0, hrStorageSize 0, hrStorageUsed 0
{hrStorageIndex="3", hrStorageType="1.3.6.1.2.1.25.2.1.4", hrStorageDescr="Z:\\ Label:  Serial Number ba85e1bf"}
  hrStorageAllocationUnits 4096, hrStorageSize 21304198, hrStorageUsed 20191655
{hrStorageIndex="4", hrStorageType="1.3.6.1.2.1.25.2.1.3", hrStorageDescr="Virtual Memory"}
  hrStorageAllocationUnits 65536, hrStorageSize 20377, hrStorageUsed 7962
{hrStorageIndex="5", hrStorageType="1.3.6.1.2.1.25.2.1.2", hrStorageDescr="Physical Memory"}
  hrStorageAllocationUnits 65536, hrStorageSize 15852, hrStorageUsed 9686
`)
})

test('host_resources: a switch with HOST-RESOURCES-MIB: a pool without a use, a processor that is busy', async () => {
  expect(await rowsOf('host_resources')).toBe(`
{}
  hrSystemNumUsers 1, hrSystemProcesses 292, hrSystemUptime 310010020
{hrDeviceIndex="1"}
  hrProcessorLoad 11
{hrDeviceIndex="3"}
  hrProcessorLoad 100
{hrStorageIndex="1", hrStorageType="1.3.6.1.2.1.25.2.1.2", hrStorageDescr="RAM"}
  hrStorageAllocationUnits 1024, hrStorageSize 8155280, hrStorageUsed 6400120
{hrStorageIndex="100", hrStorageType="1.3.6.1.2.1.25.2.1.2", hrStorageDescr="RAM (Unavailable)"}
  hrStorageAllocationUnits 1024, hrStorageSize 8155280
`)
})

test('ups: a UPS at one phase: no current measured, a battery below zero', async () => {
  expect(await rowsOf('ups')).toBe(`
{}
  upsAlarmsPresent 1, upsBatteryStatus 2, upsBatteryTemperature -1, upsBatteryVoltage 547
  upsEstimatedChargeRemaining 100, upsEstimatedMinutesRemaining 47, upsInputLineBads 3, upsOutputFrequency 500
  upsOutputSource 3, upsSecondsOnBattery 0, upsTestResultsSummary 6
{upsInputLineIndex="1"}
  upsInputFrequency 499, upsInputVoltage 231
{upsInputLineIndex="2"}
  upsInputFrequency 499, upsInputVoltage 229
{upsInputLineIndex="3"}
  upsInputFrequency 0, upsInputVoltage 0
{upsOutputLineIndex="1"}
  upsOutputCurrent 21, upsOutputPercentLoad 14, upsOutputPower 412, upsOutputVoltage 230
`)
})

test('printer: a printer: an open door, levels that say what they are not', async () => {
  expect(await rowsOf('printer')).toBe(`
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="doorOpen"}
  hrPrinterDetectedErrorState 1
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="inputTrayEmpty"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="inputTrayMissing"}
  hrPrinterDetectedErrorState 1
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="jammed"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="lowPaper"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="lowToner"}
  hrPrinterDetectedErrorState 1
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="markerSupplyMissing"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="noPaper"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="noToner"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="offline"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="outputFull"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="outputNearFull"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="outputTrayMissing"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="overduePreventMaint"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour", hrPrinterDetectedErrorState="serviceRequested"}
  hrPrinterDetectedErrorState 0
{hrDeviceIndex="1", hrDeviceDescr="Printer A4, colour"}
  hrPrinterStatus 1
{hrDeviceIndex="1", prtAlertIndex="17", prtAlertDescription="Front door open"}
  prtAlertSeverityLevel 3
{hrDeviceIndex="1", prtAlertIndex="21", prtAlertDescription="Black low"}
  prtAlertSeverityLevel 4
{hrDeviceIndex="1", prtCoverIndex="1", prtCoverDescription="Front door"}
  prtCoverStatus 3
{hrDeviceIndex="1", prtCoverIndex="3"}
  prtCoverStatus 4
{hrDeviceIndex="1", prtInputIndex="1"}
  prtInputCurrentLevel 0, prtInputMaxCapacity 100
{hrDeviceIndex="1", prtInputIndex="2", prtInputName="Tray 2"}
  prtInputCurrentLevel -3, prtInputMaxCapacity 550
{hrDeviceIndex="1", prtMarkerIndex="1"}
  prtMarkerLifeCount 48213
{hrDeviceIndex="1", prtMarkerSuppliesIndex="1", prtMarkerSuppliesDescription="Black Cartridge"}
  prtMarkerSuppliesLevel 600, prtMarkerSuppliesMaxCapacity 12000
{hrDeviceIndex="1", prtMarkerSuppliesIndex="2", prtMarkerSuppliesDescription="Cartouche Cyan été"}
  prtMarkerSuppliesLevel 37, prtMarkerSuppliesMaxCapacity 100
{hrDeviceIndex="1", prtMarkerSuppliesIndex="5", prtMarkerSuppliesDescription="Waste toner"}
  prtMarkerSuppliesLevel -3, prtMarkerSuppliesMaxCapacity -2
`)
})

test('system: the texts of an agent', async () => {
  const { texts } = await pollRecording(agents, 'system')
  expect(texts).toEqual({
    sysDescr:
      'ProCurve J9021A Switch 2810-24G, revision N.11.75, ROM N.10.01 (/sw/code/build/bass)',
    sysObjectID: '1.3.6.1.4.1.11.2.3.7.11.63',
    sysName: 'ProCurve Switch 2810-24G',
  })
})

test('auto: an agent is polled for the module that is made for it', async () => {
  const [auto, named] = await Promise.all([
    pollRecording(agents, 'ups', ['auto']),
    pollRecording(agents, 'ups'),
  ])
  expect(auto).toEqual(named)
})
