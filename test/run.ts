import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// What `npm test` runs, stage after stage up to the first that fails:
//   node test/run.ts                                  everything
//   node test/run.ts lint types                       these stages
//   node test/run.ts integration test/integration/x   one stage, with arguments for vitest

export const STAGES = ['lint', 'types', 'unit', 'integration', 'e2e'] as const
export type Stage = (typeof STAGES)[number]
export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number }

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

function commandsOf(stage: Stage, rest: readonly string[], report: string): string[][] {
  const reporting = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const vitest = ['vitest', 'run', '--project', stage, ...reporting, ...rest]
  switch (stage) {
    case 'lint':
      return [
        ['oxlint', '--type-aware', '--deny-warnings'],
        ['oxfmt', '--check'],
      ]
    case 'types':
      return [['tsc']]
    case 'unit':
      return [vitest]
    case 'integration':
    case 'e2e':
      return [inNamespace(vitest, process.getuid?.() === 0)]
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
  const folder = mkdtempSync(join(tmpdir(), 'wardline-run-'))
  const counts: Counts[] = []
  let exitCode = 0
  for (const [index, stage] of stages.entries()) {
    const startedAt = performance.now()
    console.log(`\n[${index + 1}/${stages.length}] ${stage}`)
    const problem = stage === 'integration' || stage === 'e2e' ? namespaceProblem() : null
    if (problem !== null) {
      console.error(problem)
      exitCode = 2
      break
    }
    const report = join(folder, `${stage}.json`)
    const ok = await all(commandsOf(stage, rest, report))
    counts.push(countOf(readOrNull(report), ok))
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(
      `[${index + 1}/${stages.length}] ${stage}: ${ok ? 'passed' : 'FAILED'}, ${seconds} s`,
    )
    if (!ok) {
      exitCode = 1
      break
    }
  }
  rmSync(folder, { recursive: true, force: true })
  const { passed, failed, skipped } = sum(counts)
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
  return exitCode
}

async function all(commands: readonly string[][]): Promise<boolean> {
  for (const [command = '', ...args] of commands) {
    const child = spawn(command, args, { stdio: 'inherit' })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) return false
  }
  return true
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
