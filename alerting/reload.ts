import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { ConfigError, type Problem, formatProblem } from '../lib/config/problem.ts'
import type { Egress } from '../lib/egress/egress.ts'
import { directoriesOf, findFiles } from '../lib/inventory/find.ts'
import { fingerprint, watchFiles } from '../lib/inventory/watch.ts'
import type { Logger } from '../lib/log.ts'
import { type VictoriaMetrics, VictoriaMetricsError } from '../lib/victoriametrics.ts'
import type { EngineView } from './engine.ts'
import type { ReloadMetrics } from './reload-meter.ts'
import { loadRuleFiles } from './rule-files/load.ts'
import type { LoadedRules } from './rule-files/problem.ts'
import { validateExpressions } from './rule-files/validate-expressions.ts'
import type { RuleGroup } from './rule.ts'

export type RuleSourceOptions = {
  /** `alerting.rule_files`. */
  readonly patterns: readonly string[]
  /** The directory of the configuration. */
  readonly baseDir: string
  /** Those that wardline brings: the same objects each time. */
  readonly builtIn: readonly RuleGroup[]
  /** Says which expressions it doesn't understand, before they replace others. */
  readonly victoriaMetrics: Pick<VictoriaMetrics, 'query'>
  readonly meter: ReloadMetrics
  readonly clock: Pick<Clock, 'now'>
  readonly log: Logger
  readonly load?: (
    patterns: readonly string[],
    baseDir: string,
    options: { egress?: Egress },
  ) => Promise<LoadedRules>
  /** Where rule files of an address may be. */
  readonly egress?: Egress
}

/** The rules in force, and how they follow their files. */
export type RuleSource = {
  /** All groups to begin with. */
  readonly groups: readonly RuleGroup[]
  /**
   * Reads the files again and gives them to the engine: all of them, or none where something is wrong, which it
   * resolves with. Calls that come during one share the next.
   */
  reload(engine: Pick<EngineView, 'reload'>): Promise<readonly Problem[]>
  /** Reloads on SIGHUP and when a file changes, until the signal aborts. */
  follow(engine: Pick<EngineView, 'reload'>, signal: AbortSignal): void
}

/** Reads the rule files for the first time. Rejects with ConfigError when something is wrong in them. */
export async function openRules({
  patterns,
  baseDir,
  builtIn,
  victoriaMetrics,
  meter,
  clock,
  log,
  load = loadRuleFiles,
  egress,
}: RuleSourceOptions): Promise<RuleSource> {
  const local = patterns.filter((pattern) => !/^https?:\/\//.test(pattern))
  const configFile = join(baseDir, 'wardline.yaml')
  const filesOf = async (): Promise<readonly string[]> => (await findFiles(local, configFile)).files
  // Before the files are read: what changes meanwhile differs from it.
  const known = await fingerprint(await filesOf())
  const options = egress === undefined ? {} : { egress }
  const first = await load(patterns, baseDir, options)
  if (first.problems.length > 0) throw new ConfigError(first.problems)
  tellNotices(first)
  meter.loaded(clock.now())
  let { groups: current, files } = first

  let running: Promise<readonly Problem[]> | undefined
  let waiting: Promise<readonly Problem[]> | undefined

  function reload(engine: Pick<EngineView, 'reload'>): Promise<readonly Problem[]> {
    if (running === undefined) {
      running = reloadNow(engine).finally(() => (running = undefined))
      return running
    }
    // The one under way may have read a file before it was changed.
    waiting ??= running.then(() => {
      waiting = undefined
      return reload(engine)
    })
    return waiting
  }

  async function reloadNow(engine: Pick<EngineView, 'reload'>): Promise<readonly Problem[]> {
    const problems = await take(engine).catch((error: unknown): readonly Problem[] => {
      log.error({ err: error }, 'the rules could not be read again')
      return [{ file: configFile, message: `rules can't be read again: ${String(error)}` }]
    })
    meter.reloaded(problems.length === 0, clock.now())
    return problems
  }

  async function take(engine: Pick<EngineView, 'reload'>): Promise<readonly Problem[]> {
    const loaded = await load(patterns, baseDir, options)
    const { groups } = loaded
    files = loaded.files
    const found = [...loaded.problems, ...emptied(loaded)]
    const problems = found.length > 0 ? found : await badExpressions(groups)
    if (problems.length > 0) {
      log.error(
        { problems: problems.map(formatProblem) },
        'rule files are refused: the rules before them stay in force',
      )
      return problems
    }
    tellNotices(loaded)
    const next = groups.map((group) => current.find((known) => isSame(known, group)) ?? group)
    await engine.reload([...builtIn, ...next])
    current = next
    log.info({ groups: groups.length, files: files.length }, 'rule files were read again')
    return []
  }

  /** Whoever writes a file anew begins with nothing: that is no wish to end all of its alerts. */
  function emptied({ empty }: LoadedRules): readonly Problem[] {
    const message = 'the file is empty now, and had rules: write `groups: []` if none shall be left'
    return empty
      .filter((file) => current.some((group) => group.file === file))
      .map((file) => ({ file, message }))
  }

  /** While VictoriaMetrics is away nobody knows: such rules fail by themselves, one by one. */
  async function badExpressions(groups: readonly RuleGroup[]): Promise<readonly Problem[]> {
    try {
      return await validateExpressions(groups, victoriaMetrics)
    } catch (error) {
      if (!(error instanceof VictoriaMetricsError)) throw error
      return []
    }
  }

  function tellNotices({ notices }: LoadedRules): void {
    for (const notice of notices) log.warn(formatProblem(notice))
  }

  return {
    groups: [...builtIn, ...first.groups],
    reload,
    follow(engine, signal) {
      const onHangUp = (): void => void reload(engine)
      process.on('SIGHUP', onHangUp)
      signal.addEventListener('abort', () => process.off('SIGHUP', onHangUp), { once: true })
      if (local.length === 0) return
      watchFiles(
        {
          known,
          files: filesOf,
          directories: () => directoriesOf(files, local, configFile),
          changed: async () => void (await reload(engine)),
          failed: (error) => log.error({ err: error }, 'rule files could not be looked at'),
        },
        signal,
      )
    },
  }
}

/** The same text in the file is the same group, which then goes on undisturbed. */
function isSame(one: RuleGroup, other: RuleGroup): boolean {
  return one.name === other.name && one.file === other.file && textOf(one) === textOf(other)
}

function textOf(group: RuleGroup): string {
  return JSON.stringify(group, (_key, value: unknown) => {
    if (typeof value !== 'function') return value
    // A function of a .ts file may say anything else now: nobody can tell.
    return 'source' in value ? value.source : randomUUID()
  })
}
