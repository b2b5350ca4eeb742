import type { Engine, EngineView } from './engine.ts'
import type { RuleGroup } from './rule.ts'

/** The rule groups over all terms of a process: evaluated while it leads, kept up to date while it stands by. */
export type RulesInForce = Pick<EngineView, 'reload'> & {
  /** The groups of a term that begins. Those that wardline brings remember things: each term has its own. */
  begin(): readonly RuleGroup[]
  /** What is reloaded from now on reaches this engine, until it is disposed of. */
  attach(engine: Pick<Engine, 'reload'>): Disposable
}

export function createRulesInForce(
  first: readonly RuleGroup[],
  builtIn: () => readonly RuleGroup[],
): RulesInForce {
  let files = first
  let own: readonly RuleGroup[] = []
  let engine: Pick<Engine, 'reload'> | undefined
  return {
    begin() {
      own = builtIn()
      return [...own, ...files]
    },
    attach(next) {
      engine = next
      return { [Symbol.dispose]: () => void (engine = undefined) }
    },
    async reload(groups) {
      files = groups
      await engine?.reload([...own, ...groups])
    },
  }
}
