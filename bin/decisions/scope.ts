import { didYouMean } from '../../lib/config/nearest.ts'
import type { LoadedConfig } from '../../lib/config/load.ts'
import { readKnownInventory } from '../known-inventory.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { type Matcher, MatcherError, compileMatcher, parseMatchers } from '../../lib/matchers.ts'
import { StartError } from '../../lib/start-error.ts'
import { findDevice } from '../snmp/find-device.ts'

/** What a decision is for: matchers, and devices, branches, regions, alerts by name. */
export type ScopeOptions = {
  readonly device?: readonly string[]
  readonly branch?: readonly string[]
  readonly region?: readonly string[]
  readonly alert?: readonly string[]
}

/** All of them must match; of several names of one kind, any. Throws StartError for what no inventory has. */
export async function matchersOf(
  words: readonly string[],
  options: ScopeOptions,
  source: LoadedConfig,
): Promise<Matcher[]> {
  const matchers = readMatchers(words)
  const { device, branch, region, alert = [] } = options
  if (device !== undefined || branch !== undefined || region !== undefined) {
    // Which modules there are is of no interest here, nor are other problems of the inventory.
    const { inventory } = await readKnownInventory(source, { snmpModules: [] })
    const ids = (device ?? []).map((word) => findDevice(inventory, word).id)
    matchers.push(...oneOf('device', ids))
    for (const key of ['branch', 'region'] as const) {
      for (const name of options[key] ?? []) checkKnown(inventory, key, name)
      matchers.push(...oneOf(key, options[key] ?? []))
    }
  }
  matchers.push(...oneOf('alertname', alert))
  if (matchers.length > 0) return matchers
  throw new StartError(
    `expected what it is for: --device, --branch, --region, --alert, or matchers such as 'branch="Vake"'`,
  )
}

/** Matchers as they are given on the command line; throws StartError. */
export function readMatchers(words: readonly string[]): Matcher[] {
  try {
    return words.flatMap((word) => parseMatchers(word))
  } catch (error) {
    if (error instanceof MatcherError) throw new StartError(error.message, { cause: error })
    throw error
  }
}

/** Whether matchers speak of any of what is asked for; without a question, they do. */
export function concerns(matchers: readonly Matcher[], options: ScopeOptions): boolean {
  const asked = Object.entries({
    device: options.device,
    branch: options.branch,
    region: options.region,
    alertname: options.alert,
  })
  return asked.every(
    ([name, values]) =>
      values === undefined ||
      matchers.some((matcher) => matcher.name === name && values.some(compileMatcher(matcher))),
  )
}

function oneOf(name: string, values: readonly string[]): Matcher[] {
  const [value, ...others] = values
  if (value === undefined) return []
  if (others.length === 0) return [{ name, value, isRegex: false, isEqual: true }]
  const all = values.map((each) => each.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')).join('|')
  return [{ name, value: all, isRegex: true, isEqual: true }]
}

function checkKnown(inventory: Inventory, key: 'branch' | 'region', name: string): void {
  const known = new Set([...inventory.values()].map((device) => device[key]))
  if (known.has(name)) return
  throw new StartError(
    `--${key}: no device of the inventory has ${key} ${JSON.stringify(name)}${didYouMean(name, known)}`,
  )
}
