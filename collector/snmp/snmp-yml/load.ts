import type { CredentialConfig } from '../../../lib/config/credential.ts'
import { type Finding, formatPath, show, validate } from '../../../lib/config/explain.ts'
import { ConfigError, type Problem } from '../../../lib/config/problem.ts'
import { parseYaml } from '../../../lib/config/yaml.ts'
import type { SnmpModule } from '../module.ts'
import { readAuth } from './auth.ts'
import { contradictions } from './check.ts'
import { moduleSchema, oldModuleSchema, splitSchema } from './schema.ts'
import { toModule } from './to-module.ts'

export type SnmpYml = {
  readonly modules: SnmpModule[]
  /** By the name of the auth; in the format of v0.21 by that of the module that has it. */
  readonly credentials: Record<string, CredentialConfig>
}

/**
 * The modules of snmp_exporter's snmp.yml, in the format of v0.21 or that of v0.22 and after. Throws ConfigError with
 * every problem that is in it.
 */
export function parseSnmpYml(text: string, file: string): SnmpYml {
  const source = parseYaml(file, text)
  if (source.problems.length > 0) throw new ConfigError(source.problems)
  const raw = source.value
  if (!isMap(raw) || Object.keys(raw).length === 0) {
    const message = `expected modules of snmp_exporter by their names, got ${show(isMap(raw) ? null : raw)}`
    throw new ConfigError([{ file, line: 1, message }])
  }
  const read = 'modules' in raw || 'auths' in raw ? readSplit(raw) : readOld(raw)
  const problems = read.findings.map(({ path, message }): Problem => ({
    file,
    line: source.line(path),
    path: formatPath(path),
    message,
  }))
  if (problems.length > 0) {
    throw new ConfigError(problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)))
  }
  return { modules: read.modules, credentials: Object.fromEntries(read.credentials) }
}

type Read = {
  readonly modules: SnmpModule[]
  readonly credentials: Map<string, CredentialConfig>
  readonly findings: Finding[]
}

function readSplit(raw: object): Read {
  const read: Read = { modules: [], credentials: new Map(), findings: [] }
  const split = validate(splitSchema, raw)
  if (!split.ok) read.findings.push(...split.findings)
  const { auths, modules } = raw as { auths?: unknown; modules?: unknown }
  for (const [name, auth] of entriesOf(auths)) addAuth(read, name, auth, () => ['auths', name])
  for (const [name, module] of entriesOf(modules)) {
    const path = ['modules', name]
    const checked = validate(moduleSchema, module ?? {})
    if (!checked.ok) read.findings.push(...checked.findings.map(under(path)))
    else {
      read.findings.push(...contradictions(checked.data).map(under(path)))
      read.modules.push(toModule(name, checked.data))
    }
  }
  return read
}

function readOld(raw: object): Read {
  const read: Read = { modules: [], credentials: new Map(), findings: [] }
  for (const [name, module] of entriesOf(raw)) {
    const checked = validate(oldModuleSchema, module ?? {})
    const { auth, version } = (isMap(module) ? module : {}) as { auth?: unknown; version?: unknown }
    if (auth !== undefined || version !== undefined) {
      const whole = auth === undefined || isMap(auth) ? { ...auth, version } : auth
      addAuth(read, name, whole, (key) => (key === 'version' ? [name] : [name, 'auth']))
    }
    if (!checked.ok) read.findings.push(...checked.findings.map(under([name])))
    else {
      read.findings.push(...contradictions(checked.data).map(under([name])))
      read.modules.push(toModule(name, checked.data))
    }
  }
  return read
}

/** `baseOf`: where a key of it stands. */
function addAuth(
  read: Read,
  name: string,
  auth: unknown,
  baseOf: (key: PropertyKey | undefined) => readonly PropertyKey[],
): void {
  const checked = readAuth(auth)
  if (checked.ok) read.credentials.set(name, checked.data)
  else read.findings.push(...checked.findings.map((found) => under(baseOf(found.path[0]))(found)))
}

/** The same finding, seen from further up. */
const under =
  (base: readonly PropertyKey[]) =>
  ({ path, message }: Finding): Finding => ({ path: [...base, ...path], message })

const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What isn't a map was found by then. */
const entriesOf = (value: unknown): [string, unknown][] =>
  isMap(value) ? Object.entries(value) : []
