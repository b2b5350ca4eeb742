import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECOND_TRY_FILE, tellSecondTries } from './second-try.ts'

// What `npm test` runs, stage after stage up to the first that fails:
//   node test/run.ts                                  everything
//   node test/run.ts lint types                       these stages
//   node test/run.ts integration test/integration/x   one stage, with arguments for vitest
//   node test/run.ts chaos --seed x                   one stage, with arguments for npm run chaos

export const STAGES = ['lint', 'types', 'unit', 'integration', 'e2e', 'chaos'] as const
export type Stage = (typeof STAGES)[number]
export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number }

/** Stages that need a network of their own. */
const INSIDE: readonly Stage[] = ['integration', 'e2e', 'chaos']

const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 }

/** The stages that lead the arguments, all when none does; the rest is vitest's. */
export function selectStages(args: readonly string[]): { stages: Stage[]; rest: string[] } {
  const stages: Stage[] = []
  for (const arg of args) {
    const stage = STAGES.find((name) => name === arg)
    if (stage === undefined) break
    stages.push(stage)
  }
  return { stages: stages.length === 0 ? [...STAGES] : stages, rest: args.slice(stages.length) }
}

/** From vitest's JSON report. What failed outside any test, such as a file that doesn't load, counts as one. */
export function countOf(report: string | null, ok: boolean): Counts {
  if (report === null) return ok ? NOTHING : { ...NOTHING, failed: 1 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    report,
  ) as Record<'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests', number>
  return {
    passed: numPassedTests,
    failed: ok ? numFailedTests : Math.max(1, numFailedTests),
    skipped: numPendingTests + numTodoTests,
  }
}

/** What waits more than it works runs beside another stage that does, where both are to run. */
export function groupStages(stages: readonly Stage[]): Stage[][] {
  const areBoth = stages.includes('e2e') && stages.includes('chaos')
  if (!areBoth) return stages.map((stage) => [stage])
  return stages
    .filter((stage) => stage !== 'chaos')
    .map((stage) => (stage === 'e2e' ? [stage, 'chaos'] : [stage]))
}

export function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
    }),
    NOTHING,
  )
}

// A network of its own, in which the addresses that are set aside for tests and documentation are local: the
// kernel answers for every one of them, and nothing can leave.
const NETWORK = [
  'ip link set lo up',
  'ip route add local 198.18.0.0/15 dev lo',
  'ip -6 route add local 2001:db8::/32 dev lo 2>/dev/null || true',
  'exec "$@"',
].join('\n')

/** The command in a network namespace; an ordinary user gets one by being root in a user namespace of its own. */
export function inNamespace(command: readonly string[], isRoot: boolean): string[] {
  return ['unshare', isRoot ? '-n' : '-rn', 'sh', '-ec', NETWORK, 'sh', ...command]
}

/** One process of a stage, and where it reports its tests, if it has any. */
type Run = { readonly command: readonly string[]; readonly report: string | null }

/** Tests of processes mostly wait: parts of them run beside one another, each in a network of its own. */
const PARTS = { integration: 3, e2e: 2 } as const

/** The same script each time; `npm run chaos` has others, and longer ones. */
const CHAOS = ['--seed', 'npm-test-1242', '--minutes', '3', '--devices', '200', '--brief']

function runsOf(stage: Stage, rest: readonly string[], folder: string): Run[] {
  const tests = (more: readonly string[], name: string = stage): Run => {
    const report = join(folder, `${name}.json`)
    const reporters = ['default', './test/second-try.ts', 'json'].map((one) => `--reporter=${one}`)
    const reporting = [...reporters, `--outputFile.json=${report}`]
    const vitest = ['vitest', 'run', '--project', stage, ...reporting, ...more, ...rest]
    const command = INSIDE.includes(stage) ? inNamespace(vitest, process.getuid?.() === 0) : vitest
    return { command, report }
  }
  switch (stage) {
    case 'lint':
      return [
        { command: ['oxlint', '--type-aware', '--deny-warnings'], report: null },
        { command: ['oxfmt', '--check'], report: null },
      ]
    case 'types':
      return [{ command: ['tsc'], report: null }]
    case 'unit':
      return [tests([])]
    case 'chaos': // makes a namespace of its own
      return [{ command: [process.execPath, 'chaos/main.ts', ...CHAOS, ...rest], report: null }]
    case 'integration':
    case 'e2e': {
      if (rest.length > 0) return [tests([])]
      const count = PARTS[stage]
      return Array.from({ length: count }, (_, i) =>
        tests([`--shard=${i + 1}/${count}`], `${stage}-${i + 1}`),
      )
    }
  }
}

/** Why there can be no namespace here, or null. */
function namespaceProblem(): string | null {
  const [command = '', ...args] = inNamespace(['true'], process.getuid?.() === 0)
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return null
  const why = error?.message ?? stderr.trim()
  return (
    'these tests run in a network namespace of their own, which this machine does not allow ' +
    `(${why}).\nRun them as root, allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, ` +
    'kernel.apparmor_restrict_unprivileged_userns=0), or in a container with --cap-add SYS_ADMIN.'
  )
}

async function main(args: readonly string[]): Promise<number> {
  const { stages, rest } = selectStages(args)
  const folder = openFolder(join(tmpdir(), 'wardline-run-'))
  const secondTries = join(folder, 'second-tries.txt')
  process.env[SECOND_TRY_FILE] = secondTries
  const counts: Counts[] = []
  let exitCode = 0
  const groups = groupStages(stages)
  for (const [index, group] of groups.entries()) {
    const startedAt = performance.now()
    const head = `[${index + 1}/${groups.length}] ${group.join(' and ')}`
    console.log(`\n${head}`)
    const problem = group.some((stage) => INSIDE.includes(stage)) ? namespaceProblem() : null
    if (problem !== null) {
      console.error(problem)
      exitCode = 2
      break
    }
    const outcomes = await Promise.all(
      group
        .flatMap((stage) => runsOf(stage, rest, folder))
        .map(async ({ command, report }) => {
          const ok = await succeeds(command, openFolder(join(folder, 'tmp-')))
          counts.push(countOf(report === null ? null : readOrNull(report), ok))
          return ok
        }),
    )
    const ok = outcomes.every(Boolean)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${head}: ${ok ? 'passed' : 'FAILED'}, ${seconds} s`)
    if (!ok) {
      exitCode = 1
      break
    }
  }
  const told = tellSecondTries(readOrNull(secondTries))
  if (told !== null) console.log(`\n${told}`)
  rmSync(folder, { recursive: true, force: true })
  const { passed, failed, skipped } = sum(counts)
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
  return exitCode
}

/** Each has a directory of its own for what is temporary: nobody takes another's leavings for its own. */
async function succeeds(
  [command = '', ...args]: readonly string[],
  TMPDIR: string,
): Promise<boolean> {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, TMPDIR } })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code === 0
}

/** What the tests start may run as somebody else, as snmpsim does: its files lie in here. */
function openFolder(prefix: string): string {
  const folder = mkdtempSync(prefix)
  chmodSync(folder, 0o755)
  return folder
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

if (import.meta.main) {
  // Tools come from node_modules, also when this is started by hand.
  const bin = join(import.meta.dirname, '../node_modules/.bin')
  process.env['PATH'] = `${bin}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
  process.chdir(join(import.meta.dirname, '..'))
  process.exitCode = await main(process.argv.slice(2))
}
