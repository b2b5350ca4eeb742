import { type Modules, readModules } from '../collector/snmp/load-modules.ts'
import { isUplinkRuleFor } from '../collector/snmp/uplinks.ts'
import {
  type ConfigReading,
  ConfigError,
  examineConfig,
  formatProblem,
} from '../lib/config/load.ts'
import type { Problem } from '../lib/config/problem.ts'
import { formatDuration } from '../lib/duration.ts'
import type { Notice } from '../lib/inventory/notices.ts'
import { readInventory } from '../lib/inventory/read.ts'
import type { Device } from '../lib/inventory.ts'
import { checkReceivers } from './notify/check.ts'
import { type Output, streams } from './output.ts'
import { checkRules } from './rules/check.ts'

/**
 * `wardline check`: reads configuration, templates, inventory and rule files, and prints every problem and what the fleet amounts to.
 * Gives the exit code: 0 good, 1 problems, 2 no configuration file.
 */
export async function check(configPath: string, output: Output = streams): Promise<number> {
  let reading: ConfigReading
  try {
    reading = await examineConfig(configPath)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    tellProblems(error.problems, output)
    return error.reason === 'missing' ? 2 : 1
  }
  const { file, line, parts } = reading
  const modules = parts === null ? null : await readModules({ file, line, config: parts })
  const found =
    parts === null || modules === null
      ? null
      : await readInventory(
          { file, line, config: parts },
          { snmpModules: modules.names, moduleCredentials: Object.keys(modules.credentials) },
        )
  const devices = [...(found?.inventory.values() ?? [])]
  const idle = found?.problems.length === 0 ? idleUplinks(reading, devices) : []
  const { config } = reading
  const templates = config === null ? [] : checkReceivers({ config, file, line })
  const rules = config === null ? null : await checkRules(config, file)
  const notices = [
    ...reading.notices,
    ...(found?.notices ?? []),
    ...idle,
    ...(rules?.notices ?? []),
  ]
  for (const notice of notices) output.print(`notice: ${formatProblem(notice)}`)
  const isWhole = modules === null || !hasBrokenFiles(modules, file)
  const inDevices = (found?.problems ?? []).filter((problem) => isWhole || !isOfModules(problem))
  const problems = [
    ...reading.problems,
    ...templates,
    ...(modules?.problems ?? []),
    ...inDevices,
    ...(rules?.problems ?? []),
  ]
  if (found === null || problems.length > 0) {
    tellProblems(problems, output)
    return 1
  }
  output.print(`${configPath}: good; device files: ${found.files.length}`)
  for (const text of summarize(devices, found.notices)) output.print(text)
  const own = rules?.groups ?? []
  if (own.length > 0)
    output.print(
      `rules of files: ${own.flatMap((group) => group.rules).length}, groups: ${own.length}`,
    )
  return 0
}

function hasBrokenFiles({ problems }: Modules, configFile: string): boolean {
  return problems.some(
    ({ file, path }) => file !== configFile || path?.startsWith('snmp.module_files') === true,
  )
}

/** Names that a file of modules may give once it is mended: what is wrong is told where it is wrong. */
const isOfModules = ({ path = '' }: Problem): boolean =>
  /(^|\.)snmp\.(modules|credentials)$/.test(path)

/** Rules of uplinks that are for no device: most often a slip in their `devices`. */
function idleUplinks({ file, line, parts }: ConfigReading, devices: readonly Device[]): Problem[] {
  const polled = devices.filter(({ enabled, snmp }) => enabled && snmp !== null)
  return (parts?.snmp.uplinks ?? []).flatMap((rule, i) => {
    if (polled.some((device) => isUplinkRuleFor(rule, device))) return []
    const message = `${JSON.stringify(rule.name)} is for no device that is polled by SNMP`
    return [{ file, line: line(['snmp', 'uplinks', i]), path: `snmp.uplinks[${i}]`, message }]
  })
}

function tellProblems(problems: readonly Problem[], output: Output): void {
  for (const problem of problems) output.error(formatProblem(problem))
  output.error(problems.length === 1 ? '1 problem' : `${problems.length} problems`)
}

/** What the fleet amounts to, in lines. */
export function summarize(devices: readonly Device[], notices: readonly Notice[]): string[] {
  const probed = devices.filter((device) => device.enabled)
  const polled = probed.flatMap(({ snmp }) => snmp ?? [])
  const rate = (intervals: readonly number[]) =>
    round(intervals.reduce((sum, ms) => sum + 1_000 / ms, 0))
  const echoes = round(
    probed.reduce((sum, { ping }) => sum + (ping.count * 1_000) / ping.intervalMs, 0),
  )
  return [
    `devices: ${devices.length}, disabled: ${devices.length - probed.length}`,
    `types: ${counts(devices.map(({ type }) => type))}`,
    `regions: ${counts(devices.map(({ region }) => region))}`,
    `branches: ${new Set(devices.map(({ branch }) => branch).filter(Boolean)).size}`,
    `ping: ${counts(probed.map(({ ping }) => `every ${formatDuration(ping.intervalMs)}`))}; ` +
      `${rate(probed.map(({ ping }) => ping.intervalMs))} pings and ${echoes} echoes a second`,
    `SNMP: ${counts(polled.map(({ intervalMs }) => `every ${formatDuration(intervalMs)}`))}; ` +
      `${rate(polled.map(({ intervalMs }) => intervalMs))} polls a second`,
    `shared addresses: ${sharing(notices, 'shared-address')}`,
    `shared names: ${sharing(notices, 'shared-name')}`,
  ]
}

const MAX_COUNTS = 20

/** `switch 400, router 128`: the most frequent first. */
function counts(values: readonly string[]): string {
  const found = new Map<string, number>()
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1)
  const sorted = [...found].sort(([, a], [, b]) => b - a)
  const shown = sorted.slice(0, MAX_COUNTS).map(([value, n]) => `${value || '(none)'} ${n}`)
  if (sorted.length > MAX_COUNTS) shown.push(`and ${sorted.length - MAX_COUNTS} more`)
  return shown.join(', ') || 'none'
}

function sharing(notices: readonly Notice[], kind: Notice['kind']): string {
  const groups = notices.filter((notice) => notice.kind === kind)
  const devices = groups.reduce((sum, group) => sum + group.devices.length, 0)
  return groups.length === 0 ? '0' : `${groups.length}, by ${devices} devices`
}

/** A small fleet is polled less than once a second: that is not "0". */
const round = (value: number): number =>
  value < 1 ? Number(value.toPrecision(2)) : Math.round(value * 10) / 10
