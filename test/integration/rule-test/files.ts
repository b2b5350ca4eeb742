import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RulesTestOptions, testRules } from '../../../bin/rules/test.ts'
import { startProcess } from '../../wardline-process.ts'

/** A folder of files, and `wardline rules test` over some of them. */
export type TestFolder = AsyncDisposable & {
  readonly path: string
  write(name: string, text: string): Promise<string>
  /** Lines without the folder and without how long a test took; `code` is the exit code. */
  run(name: string, options?: RulesTestOptions): Promise<Run>
  /** The same in a process of its own, where Node itself reads TypeScript. */
  runProcess(name: string): Promise<Run>
}

export type Run = { readonly code: number; readonly lines: readonly string[] }

const command = fileURLToPath(new URL('../../../bin/rules/test.ts', import.meta.url))
const OUTPUT = '{ print: console.log, error: console.log }'

export async function testFolder(files: Readonly<Record<string, string>>): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'wardline-rules-'))
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(path, name), text)
    return join(path, name)
  }
  for (const [name, text] of Object.entries(files)) await write(name, text)
  const tidied = (line: string): string =>
    line.replaceAll(`${path}/`, '').replace(/, [\d.]+ s\)/, ')')
  return {
    path,
    write,
    async run(name, options = {}) {
      const lines: string[] = []
      const keep = (line: string): void => void lines.push(tidied(line))
      const signal = new AbortController().signal
      const output = { print: keep, error: keep }
      const code = await testRules([join(path, name)], options, output, signal)
      return { code, lines: lines.slice(1) }
    },
    async runProcess(name) {
      const file = JSON.stringify(join(path, name))
      const script = await write(
        'run.ts',
        `import { testRules } from ${JSON.stringify(command)}
        process.exitCode = await testRules([${file}], {}, ${OUTPUT}, new AbortController().signal)`,
      )
      const env = {}
      await using process_ = startProcess(process.execPath, [script], { cwd: path, env })
      const code = (await process_.exited) ?? -1
      return { code, lines: process_.output().trimEnd().split('\n').map(tidied).slice(1) }
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
