import { join } from 'node:path'
import { fetch } from 'undici'
import { readUpTo } from '../../lib/bounded-body.ts'
import type { Environment } from '../../lib/config/environment.ts'
import { ConfigError, type Problem } from '../../lib/config/problem.ts'
import { decodeText, readText } from '../../lib/config/text-file.ts'
import { BUILT_IN_EGRESS, type Egress } from '../../lib/egress/egress.ts'
import { findFiles } from '../../lib/inventory/find.ts'
import { takeCredentials } from '../../lib/url-credentials.ts'
import { importRuleFile } from './import-typescript.ts'
import type { LoadedRules } from './problem.ts'
import { type FileRules, readRuleYaml } from './read-yaml.ts'

export type LoadOptions = {
  readonly environment?: Environment
  /** Of groups that don't say theirs: a minute, as in vmalert and Prometheus. */
  readonly intervalMs?: number
  /** What names the files, in messages. */
  readonly configFile?: string
  /** Where addresses may lead. */
  readonly egress?: Egress
}

/**
 * The rules of files, globs and http(s) addresses: YAML of vmalert and Prometheus, or `.ts`. Relative paths start at
 * `baseDir`. Never rejects for what is in the files: that is in `problems`, and says file and line.
 */
export async function loadRuleFiles(
  patterns: readonly string[],
  baseDir: string,
  {
    environment = process.env,
    intervalMs = 60_000,
    configFile = join(baseDir, 'wardline.yaml'),
    egress = BUILT_IN_EGRESS,
  }: LoadOptions = {},
): Promise<LoadedRules> {
  const remote = patterns.filter(isRemote)
  const local = patterns.filter((pattern) => !isRemote(pattern))
  const { files, findings } = await findFiles(local, join(baseDir, 'wardline.yaml'), KEY)
  const path = KEY.join('.')
  const missing = findings.map(({ message }) => ({ file: configFile, path, message }))
  const reading = { environment, intervalMs }
  const read = await Promise.all([
    ...files.map((file) =>
      guarded(file, async () =>
        /\.[cm]?[jt]s$/.test(file)
          ? importRuleFile(file)
          : readRuleYaml(file, await readText(file), reading),
      ),
    ),
    ...remote.map((address) =>
      guarded(takeCredentials(address).url, async (name) =>
        readRuleYaml(name, await fetchText(address, name, egress), reading),
      ),
    ),
  ])
  const groups = read.flatMap((found) => found.groups)
  return {
    groups,
    problems: [...missing, ...read.flatMap(({ problems }) => problems)],
    notices: read.flatMap(({ notices }) => notices),
    files,
    empty: read.flatMap(({ empty }) => empty ?? []),
  }
}

const KEY = ['alerting', 'rule_files']

const isRemote = (pattern: string): boolean => /^https?:\/\//.test(pattern)

/** A file that can't be read is a problem like any other. */
async function guarded(
  file: string,
  read: (file: string) => Promise<FileRules>,
): Promise<FileRules> {
  try {
    return await read(file)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { groups: [], problems: error.problems, notices: [] }
  }
}

const FETCH_MS = 10_000
const MOST_BYTES = 32 * 1024 * 1024

async function fetchText(address: string, name: string, egress: Egress): Promise<string> {
  const fail = (message: string, cause?: unknown): ConfigError => {
    const problem: Problem = { file: name, message }
    return new ConfigError([problem], cause === undefined ? {} : { cause })
  }
  const { url, authorization } = takeCredentials(address)
  let bytes: Uint8Array | null
  try {
    const response = await fetch(url, {
      dispatcher: egress.agent(),
      headers: authorization === undefined ? {} : { authorization },
      signal: AbortSignal.timeout(FETCH_MS),
    })
    if (!response.ok) throw fail(`expected rules, got the answer ${response.status}`)
    bytes = await readUpTo(response.body, MOST_BYTES)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const { cause, message } = error as Error
    const why = cause instanceof Error ? cause.message : message
    throw fail(`can't be fetched: ${why}`, error)
  }
  if (bytes === null) throw fail('expected rules, got more than 32 MB')
  return decodeText(name, bytes)
}
