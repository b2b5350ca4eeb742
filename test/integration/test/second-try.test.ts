import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { SECOND_TRY_FILE } from '../../second-try.ts'

const run = promisify(execFile)
const TEST = join(import.meta.dirname, '..', '..')

const FLAKY = `
import { expect, test } from 'vitest'
let tries = 0
test('sound', () => {})
test('fails once', () => { expect(++tries, 'its first try').toBe(2) })
`

test('vitest tells the reporter of a test that needed its second try, and of no other', async () => {
  // Beside the tests, from where vitest itself is found.
  const folder = await mkdtemp(join(TEST, '.second-try-'))
  try {
    await writeFile(join(folder, 'flaky.test.ts'), FLAKY)
    const config = `export default { root: ${JSON.stringify(folder)}, test: { retry: 1 } }`
    await writeFile(join(folder, 'vitest.config.js'), config)
    const tries = join(folder, 'tries.txt')
    const vitest = join(TEST, '../node_modules/vitest/vitest.mjs')
    const reporter = `--reporter=${join(TEST, 'second-try.ts')}`
    const args = [vitest, 'run', '--config', join(folder, 'vitest.config.js'), reporter]
    await run(process.execPath, args, { env: { ...process.env, [SECOND_TRY_FILE]: tries } })

    expect(await readFile(tries, 'utf8')).toMatch(
      /^flaky\.test\.ts > fails once: .*its first try.*\n$/,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
