import { afterAll, beforeAll, expect, test } from 'vitest'
import { pollRecording, startRecordings } from './recorded.ts'
import type { Snmpsim } from './snmpsim.ts'

// Recordings: test/recordings/README.md.
let agents: Snmpsim
beforeAll(async () => {
  agents = await startRecordings()
})
afterAll(() => agents[Symbol.asyncDispose]())

async function rowsOf(name: string, module = name): Promise<string> {
  const { rows } = await pollRecording(agents, name, [module])
  return `\n${rows}\n`
}

test('cisco: a Catalyst 3750: one processor, three memory pools, no temperature', async () => {
  expect(await rowsOf('cisco')).toBe(`
{ciscoEnvMonFanStatusIndex="3004", ciscoEnvMonFanStatusDescr="Switch#3, Fan#1"}
  ciscoEnvMonFanState 1
{ciscoEnvMonSupplyStatusIndex="3003", ciscoEnvMonSupplyStatusDescr="Sw3, PS1 Normal, RPS NotExist"}
  ciscoEnvMonSupplyState 1
{ciscoMemoryPoolType="1", ciscoMemoryPoolName="Processor"}
  ciscoMemoryPoolFree 33184936, ciscoMemoryPoolUsed 34973844
{ciscoMemoryPoolType="2", ciscoMemoryPoolName="I/O"}
  ciscoMemoryPoolFree 3872588, ciscoMemoryPoolUsed 8710324
{ciscoMemoryPoolType="16", ciscoMemoryPoolName="Driver text"}
  ciscoMemoryPoolFree 1048536, ciscoMemoryPoolUsed 40
{cpmCPUTotalIndex="1", cpmCPUTotalPhysicalIndex="0"}
  cpmCPUTotal1min 53, cpmCPUTotal1minRev 53, cpmCPUTotal5min 25, cpmCPUTotal5minRev 25
  cpmCPUTotal5sec 90, cpmCPUTotal5secRev 90
`)
})

test('cisco: a router: old and new processors, pools past 32 bits and one that has no more, an absent sensor', async () => {
  expect(await rowsOf('cisco_router', 'cisco')).toBe(`
{ciscoEnvMonTemperatureStatusIndex="1", ciscoEnvMonTemperatureStatusDescr="Inlet"}
  ciscoEnvMonTemperatureState 1, ciscoEnvMonTemperatureStatusValue 23, ciscoEnvMonTemperatureThreshold 55
{ciscoEnvMonTemperatureStatusIndex="7"}
  ciscoEnvMonTemperatureState 5, ciscoEnvMonTemperatureStatusValue 0
{cpmCPUTotalIndex="2"}
  cpmCPUTotal1min 1, cpmCPUTotal5min 1, cpmCPUTotal5sec 1
{cpmCPUTotalIndex="7", cpmCPUTotalPhysicalIndex="7035"}
  cpmCPUTotal1minRev 4, cpmCPUTotal5minRev 3, cpmCPUTotal5secRev 0
{entPhysicalIndex="7035", cempMemPoolIndex="1", cempMemPoolName="Processor"}
  cempMemPoolHCFree 10737418240, cempMemPoolHCUsed 6442450944, cempMemPoolValid 1
{entPhysicalIndex="7035", cempMemPoolIndex="4", cempMemPoolName="reserve Processor"}
  cempMemPoolHCFree 102316, cempMemPoolHCUsed 92, cempMemPoolValid 2
{entPhysicalIndex="9035", cempMemPoolIndex="1", cempMemPoolName="Processor"}
  cempMemPoolFree 703588352, cempMemPoolUsed 301989888, cempMemPoolValid 1
`)
})

test('fortinet: a FortiGate of a cluster: sensors that are texts, two tunnels to one gateway', async () => {
  expect(await rowsOf('fortinet')).toBe(`
{}
  fgHaSystemMode 3, fgSysCpuUsage 7, fgSysDiskCapacity 0, fgSysDiskUsage 0
  fgSysMemCapacity 3879332, fgSysMemUsage 46, fgSysSesCount 1834, fgSysSesRate1 12
{fgHaStatsIndex="1", fgHaStatsSerial="FGT0000000000001", fgHaStatsHostname="fw-1"}
  fgHaStatsCpuUsage 7, fgHaStatsMemUsage 46, fgHaStatsSesCount 1834, fgHaStatsSyncStatus 1
{fgHaStatsIndex="2", fgHaStatsSerial="FGT0000000000002", fgHaStatsHostname="fw-2"}
  fgHaStatsCpuUsage 1, fgHaStatsMemUsage 44, fgHaStatsSesCount 0, fgHaStatsSyncStatus 0
{fgHwSensorEntIndex="1", fgHwSensorEntName="CPU Core 0"}
  fgHwSensorEntAlarmStatus 0, fgHwSensorEntValue 57
{fgHwSensorEntIndex="2", fgHwSensorEntName="Fan 1"}
  fgHwSensorEntAlarmStatus 0, fgHwSensorEntValue 4500
{fgHwSensorEntIndex="4", fgHwSensorEntName="+12V"}
  fgHwSensorEntValue 12.032
{fgHwSensorEntIndex="7", fgHwSensorEntName="PS2 Status"}
  fgHwSensorEntAlarmStatus 1
{fgVpnTunEntIndex="1", fgVpnTunEntPhase2Index="1", fgVpnTunEntPhase1Name="hq", fgVpnTunEntPhase2Name="hq-lan"}
  fgVpnTunEntInOctets 1099511640320, fgVpnTunEntOutOctets 5502, fgVpnTunEntStatus 2
{fgVpnTunEntIndex="2", fgVpnTunEntPhase2Index="1", fgVpnTunEntPhase1Name="hq", fgVpnTunEntPhase2Name="hq-voice"}
  fgVpnTunEntInOctets 40960, fgVpnTunEntOutOctets 81920, fgVpnTunEntStatus 2
{fgVpnTunEntIndex="3", fgVpnTunEntPhase2Index="2", fgVpnTunEntPhase1Name="isp-b"}
  fgVpnTunEntInOctets 0, fgVpnTunEntOutOctets 0, fgVpnTunEntStatus 1
`)
})

test('mikrotik: a RouterBOARD: below zero, gauges with units, no memory of a second processor', async () => {
  expect(await rowsOf('mikrotik')).toBe(`
{}
  mtxrHlTemperature -35, mtxrHlVoltage 242
{hrDeviceIndex="1"}
  hrProcessorLoad 3
{hrDeviceIndex="2"}
  hrProcessorLoad 0
{hrDeviceIndex="4"}
  hrProcessorLoad 17
{hrStorageIndex="65536", hrStorageType="1.3.6.1.2.1.25.2.1.2", hrStorageDescr="main memory"}
  hrStorageAllocationUnits 1024, hrStorageSize 1048576, hrStorageUsed 212992
{hrStorageIndex="131072", hrStorageType="1.3.6.1.2.1.25.2.1.4", hrStorageDescr="system disk"}
  hrStorageAllocationUnits 1024, hrStorageSize 131072, hrStorageUsed 45056
{mtxrGaugeIndex="13", mtxrGaugeName="voltage", mtxrGaugeUnit="3"}
  mtxrGaugeValue 242
{mtxrGaugeIndex="14", mtxrGaugeName="temperature", mtxrGaugeUnit="1"}
  mtxrGaugeValue 38
{mtxrGaugeIndex="7001", mtxrGaugeName="fan1-speed", mtxrGaugeUnit="2"}
  mtxrGaugeValue 0
`)
})

test('juniper: an MX: a power supply that is down, a fan without a processor', async () => {
  expect(await rowsOf('juniper')).toBe(`
{}
  jnxRedAlarmCount 1, jnxYellowAlarmCount 0
{jnxOperatingContentsIndex="1", jnxOperatingL1Index="1", jnxOperatingL2Index="0", jnxOperatingL3Index="0", jnxOperatingDescr="midplane"}
  jnxOperatingBuffer 0, jnxOperatingCPU 0, jnxOperatingState 2, jnxOperatingTemp 0
{jnxOperatingContentsIndex="2", jnxOperatingL1Index="1", jnxOperatingL2Index="0", jnxOperatingL3Index="0", jnxOperatingDescr="PEM 0"}
  jnxOperatingBuffer 0, jnxOperatingCPU 0, jnxOperatingState 2, jnxOperatingTemp 34
{jnxOperatingContentsIndex="2", jnxOperatingL1Index="2", jnxOperatingL2Index="0", jnxOperatingL3Index="0", jnxOperatingDescr="PEM 1"}
  jnxOperatingBuffer 0, jnxOperatingCPU 0, jnxOperatingState 6, jnxOperatingTemp 0
{jnxOperatingContentsIndex="4", jnxOperatingL1Index="1", jnxOperatingL2Index="1", jnxOperatingL3Index="0", jnxOperatingDescr="Fan Tray 0 Fan 1"}
  jnxOperatingState 2, jnxOperatingTemp 0
{jnxOperatingContentsIndex="7", jnxOperatingL1Index="1", jnxOperatingL2Index="0", jnxOperatingL3Index="0", jnxOperatingDescr="FPC: MPC @ 0/*/*"}
  jnxOperatingBuffer 31, jnxOperatingCPU 18, jnxOperatingState 2, jnxOperatingTemp 49
{jnxOperatingContentsIndex="9", jnxOperatingL1Index="1", jnxOperatingL2Index="0", jnxOperatingL3Index="0", jnxOperatingDescr="Routing Engine 0"}
  jnxOperatingBuffer 52, jnxOperatingCPU 23, jnxOperatingState 2, jnxOperatingTemp 41
{jnxOperatingContentsIndex="9", jnxOperatingL1Index="2", jnxOperatingL2Index="0", jnxOperatingL3Index="0", jnxOperatingDescr="Routing Engine 1"}
  jnxOperatingBuffer 48, jnxOperatingCPU 4, jnxOperatingState 7, jnxOperatingTemp 39
`)
})
