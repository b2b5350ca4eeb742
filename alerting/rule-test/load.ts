import { join } from 'node:path'
import { ConfigError, type Problem } from '../../lib/config/problem.ts'
import { readText } from '../../lib/config/text-file.ts'
import { findFiles } from '../../lib/inventory/find.ts'
import { importTestFile } from './import-typescript.ts'
import { type FileTests, type TestDefaults, readTestYaml } from './read-yaml.ts'

export type LoadedTests = FileTests & { readonly files: readonly string[] }

/**
 * The tests of files and globs: YAML of vmalert-tool and promtool, or `.ts`. Relative paths start at `baseDir`. Never
 * rejects for what is in the files: that is in `problems`, and says file and line.
 */
export async function loadTestFiles(
  patterns: readonly string[],
  baseDir: string,
  defaults: TestDefaults,
): Promise<LoadedTests> {
  const { files, findings } = await findFiles(patterns, join(baseDir, 'wardline.yaml'))
  const problems: Problem[] = findings.map(({ message }) => ({ file: 'tests', message }))
  const read: FileTests[] = []
  for (const file of files) read.push(await readFileTests(file, defaults))
  return {
    files,
    tests: read.flatMap(({ tests }) => tests),
    problems: [...problems, ...read.flatMap((found) => found.problems)],
  }
}

async function readFileTests(file: string, defaults: TestDefaults): Promise<FileTests> {
  try {
    return /\.[cm]?[jt]s$/.test(file)
      ? await importTestFile(file, defaults)
      : await readTestYaml(file, await readText(file), defaults)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { tests: [], problems: error.problems }
  }
}
