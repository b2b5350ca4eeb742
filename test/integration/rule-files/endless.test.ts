import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rehearse } from '../../../alerting/rule-files/rehearse.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wardline-endless-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function put(name: string, text: string): Promise<string> {
  const file = join(directory, name)
  await writeFile(file, text)
  return file
}

test.each([
  ['a loop without an end', 'for (;;) {}', 'look for a loop without an end'],
  [
    'an await that nothing ends',
    'await new Promise(() => {})',
    'it waits for something that never comes',
  ],
  ['an end of the process', 'process.exit(0)', 'leave out process.exit()'],
  [
    'a list without an end',
    'const all: number[][] = []; for (;;) all.push(new Array(1_000_000).fill(1.5))',
    ' MB of memory',
  ],
  ['an error', 'throw new Error("no such thing")', 'Error: no such thing'],
])('%s in a rule file is told, and holds nothing up', async (what, text, message) => {
  const file = await put(`${what.replaceAll(' ', '-')}.ts`, `${text}\nexport default []\n`)
  let turns = 0
  const timer = setInterval(() => turns++, 10)
  const problem = await rehearse(file, { deadlineMs: 3_000 })
  clearInterval(timer)
  expect(problem).toMatchObject({ file, message: expect.stringContaining(message) })
  expect(turns).toBeGreaterThan(3)
})

test('a file that comes to its end has nothing wrong in it', async () => {
  const good = await put(
    'good.ts',
    "import { group } from 'wardline/rules'\nexport default group('g', { interval: '30s' }, [])\n",
  )
  expect(await rehearse(good)).toBeNull()
})
