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

test('if_mib: a Catalyst 3750: 64-bit counters, 32-bit ones where those are missing, none at all', async () => {
  expect(await rowsOf('if_mib')).toBe(`
{ifIndex="1", ifName="Vl1", ifDescr="Vlan1"}
  ifAdminStatus 1, ifHCInOctets 39857997, ifHCInUcastPkts 225085, ifHCOutOctets 0
  ifHCOutUcastPkts 0, ifHighSpeed 1000, ifInDiscards 0, ifInErrors 0
  ifOperStatus 1, ifOutDiscards 0, ifOutErrors 0
{ifIndex="60", ifName="Vl60", ifDescr="Vlan60"}
  ifAdminStatus 1, ifHCInOctets 37505809994, ifHCInUcastPkts 356458219, ifHCOutOctets 48360660686
  ifHCOutUcastPkts 373746583, ifHighSpeed 1000, ifInDiscards 168915, ifInErrors 0
  ifOperStatus 1, ifOutDiscards 0, ifOutErrors 0
{ifIndex="5185", ifName="StackPort3", ifDescr="StackPort3"}
  ifAdminStatus 1, ifHighSpeed 0, ifInDiscards 0, ifInErrors 0
  ifInOctets 0, ifInUcastPkts 0, ifOperStatus 2, ifOutDiscards 0
  ifOutErrors 0, ifOutOctets 0, ifOutUcastPkts 0
{ifIndex="5187", ifName="StackSub-St3-2", ifDescr="StackSub-St3-2"}
  ifAdminStatus 2, ifHighSpeed 0, ifOperStatus 2
{ifIndex="11001", ifName="Fa3/0/1", ifDescr="FastEthernet3/0/1"}
  ifAdminStatus 1, ifHCInOctets 0, ifHCInUcastPkts 0, ifHCOutOctets 0
  ifHCOutUcastPkts 0, ifHighSpeed 10, ifInDiscards 0, ifInErrors 0
  ifOperStatus 2, ifOutDiscards 0, ifOutErrors 0
{ifIndex="11002", ifName="Fa3/0/2", ifDescr="FastEthernet3/0/2"}
  ifAdminStatus 1, ifHCInOctets 0, ifHCInUcastPkts 0, ifHCOutOctets 0
  ifHCOutUcastPkts 0, ifHighSpeed 10, ifInDiscards 0, ifInErrors 0
  ifOperStatus 2, ifOutDiscards 0, ifOutErrors 0
`)
})

test('hp_aruba: a ProCurve switch: a sensor that warns, temperatures that are texts', async () => {
  expect(await rowsOf('hp_aruba')).toBe(`
{}
  hpSwitchCpuStat 9
{hpicfSensorIndex="1", hpicfSensorDescr="Fan Sensor"}
  hpicfSensorStatus 4
{hpicfSensorIndex="2", hpicfSensorDescr="Power Supply Sensor"}
  hpicfSensorStatus 4
{hpicfSensorIndex="3", hpicfSensorDescr="Redundant Power Supply Sensor"}
  hpicfSensorStatus 5
{hpicfSensorIndex="4", hpicfSensorDescr="Over-temperature Sensor"}
  hpicfSensorStatus 3
{hpLocalMemSlotIndex="1"}
  hpLocalMemFreeBytes 61857792, hpLocalMemTotalBytes 82636288
{hpSystemAirSensor="0", hpSystemAirName="Sys-1"}
  hpSystemAirCurrentTemp -2
{hpSystemAirSensor="1", hpSystemAirName="Sys-2"}
  hpSystemAirCurrentTemp 27
`)
})

test('aruba_cx: an AOS-CX stack: rows that are named by texts, a fan without a speed', async () => {
  expect(await rowsOf('aruba_cx')).toBe(`
{arubaWiredFanGroupIndex="1", arubaWiredFanTrayIndex="1", arubaWiredFanSlotIndex="1", arubaWiredFanName="1/1/1"}
  arubaWiredFanRPM 5112, arubaWiredFanStateEnum 4
{arubaWiredFanGroupIndex="1", arubaWiredFanTrayIndex="1", arubaWiredFanSlotIndex="2", arubaWiredFanName="1/1/2"}
  arubaWiredFanRPM -1, arubaWiredFanStateEnum 5
{arubaWiredFanGroupIndex="2", arubaWiredFanTrayIndex="1", arubaWiredFanSlotIndex="1", arubaWiredFanName="2/1/1"}
  arubaWiredFanRPM 5040
{arubaWiredPSUGroupIndex="1", arubaWiredPSUSlotIndex="1", arubaWiredPSUName="1/1"}
  arubaWiredPSUInstantaneousPower 62, arubaWiredPSUMaximumPower 250, arubaWiredPSUStateEnum 1
{arubaWiredPSUGroupIndex="1", arubaWiredPSUSlotIndex="2", arubaWiredPSUName="1/2"}
  arubaWiredPSUInstantaneousPower 0, arubaWiredPSUMaximumPower 0, arubaWiredPSUStateEnum 12
{arubaWiredSystemInfoModuleType="management_module", arubaWiredSystemInfoModuleName="1/1"}
  arubaWiredSystemInfoCpu 6, arubaWiredSystemInfoMemory 23
{arubaWiredSystemInfoModuleType="management_module", arubaWiredSystemInfoModuleName="2/1"}
  arubaWiredSystemInfoCpu 0, arubaWiredSystemInfoMemory 19
{arubaWiredTempSensorGroupIndex="1", arubaWiredTempSensorSlotTypeIndex="1", arubaWiredTempSensorSlotIndex="1", arubaWiredTempSensorIndex="1", arubaWiredTempSensorName="1/1-PHY-01"}
  arubaWiredTempSensorTemperature 41250
{arubaWiredTempSensorGroupIndex="1", arubaWiredTempSensorSlotTypeIndex="1", arubaWiredTempSensorSlotIndex="1", arubaWiredTempSensorIndex="2", arubaWiredTempSensorName="1/1-Inlet-Air"}
  arubaWiredTempSensorTemperature -500
{arubaWiredTempSensorGroupIndex="2", arubaWiredTempSensorSlotTypeIndex="1", arubaWiredTempSensorSlotIndex="1", arubaWiredTempSensorIndex="1", arubaWiredTempSensorName="2/1-PHY-01"}
  arubaWiredTempSensorTemperature 43000
`)
})

test('aruba_controller: an Aruba controller: a processor for control and one for packets', async () => {
  expect(await rowsOf('aruba_controller')).toBe(`
{sysExtMemoryIndex="1"}
  sysExtMemoryFree 1836784, sysExtMemorySize 3857908, sysExtMemoryUsed 2021124
{sysExtProcessorID="1", sysExtProcessorDescr="Supervisor Card CPU"}
  sysExtProcessorLoad 21
{sysExtProcessorID="2", sysExtProcessorDescr="Network Processor CPU10"}
  sysExtProcessorLoad 0
`)
})

test('huawei: a Huawei stack: of all entities the boards alone, one without a sensor', async () => {
  expect(await rowsOf('huawei')).toBe(`
{entPhysicalIndex="67108867", entPhysicalName="MPU Board 0"}
  hwEntityCpuUsage 14, hwEntityMemUsage 52, hwEntityTemperature 38
{entPhysicalIndex="67125255", entPhysicalName="MPU Board 1"}
  hwEntityCpuUsage 0, hwEntityMemUsage 49, hwEntityTemperature 2147483647
{hwEntityFanSlot="0", hwEntityFanSn="1"}
  hwEntityFanSpeed 45, hwEntityFanState 1
{hwEntityFanSlot="1", hwEntityFanSn="1"}
  hwEntityFanSpeed 0, hwEntityFanState 2
{hwEntityPwrSlot="0", hwEntityPwrSn="1"}
  hwEntityPwrState 1
{hwEntityPwrSlot="0", hwEntityPwrSn="2"}
  hwEntityPwrState 4
{hwEntityPwrSlot="1", hwEntityPwrSn="1"}
  hwEntityPwrState 2
`)
})
