import { glob, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { show } from '../config/explain.ts'
import type { Finding } from '../config/explain.ts'
import { readFailure } from '../config/text-file.ts'

export type FoundFiles = {
  /** In the order of the patterns, by name within a glob; each file once. */
  readonly files: readonly string[]
  readonly findings: readonly Finding[]
}

/** The files that `inventory.files`, or another key, names, relative to the configuration file's directory. */
export async function findFiles(
  patterns: readonly string[],
  configFile: string,
  key: readonly string[] = ['inventory', 'files'],
): Promise<FoundFiles> {
  const files = new Set<string>()
  const findings: Finding[] = []
  for (const [index, pattern] of patterns.entries()) {
    const path = [...key, index]
    const full = isAbsolute(pattern) ? pattern : join(dirname(configFile), pattern)
    const found = isGlob(pattern) ? await expand(full) : [full]
    if (found.length === 0) {
      findings.push({ path, message: `no file matches ${show(pattern)} (looked for ${full})` })
    }
    for (const file of found) {
      const reason = await unreadable(file)
      if (reason === null) files.add(file)
      else findings.push({ path, message: `${file}: ${reason}` })
    }
  }
  return { files: [...files], findings }
}

/** The directories where a change may be one of the inventory: of its files, and where its globs begin. */
export function directoriesOf(
  files: readonly string[],
  patterns: readonly string[],
  configFile: string,
): ReadonlySet<string> {
  const base = dirname(configFile)
  const starts = patterns.map((pattern) => {
    const parts = pattern.split('/')
    const fixed = parts.slice(0, Math.max(0, parts.findIndex(isGlob))).join('/')
    const whole = isGlob(pattern) ? fixed : dirname(pattern)
    return isAbsolute(pattern) ? whole || '/' : join(base, whole)
  })
  return new Set([base, ...starts, ...files.map((file) => dirname(file))])
}

const isGlob = (pattern: string): boolean => /[*?[{]/.test(pattern)

async function expand(pattern: string): Promise<string[]> {
  const found: string[] = []
  for await (const file of glob(pattern)) found.push(file)
  return found.sort()
}

async function unreadable(file: string): Promise<string | null> {
  try {
    const found = await stat(file)
    if (found.isFile()) return null
    // Opening a pipe would wait for its writer, for ever perhaps.
    return `expected a file, got ${found.isDirectory() ? 'a directory' : 'a pipe or a device'}`
  } catch (error) {
    return readFailure(error)
  }
}
