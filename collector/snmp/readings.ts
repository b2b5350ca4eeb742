import { compileModules } from './compile.ts'
import type { Reading } from './reading.ts'
import type { SnmpModule } from './module.ts'
import { modulesFor } from './modules/auto.ts'

/** What devices with the same modules read: compiled once. */
export type Readings = {
  /**
   * Of these modules, by name. `auto` stands for those that are made for agents of this sysObjectID ('' while it isn't
   * known); unknown names were refused with the configuration.
   */
  of(names: readonly string[], sysObjectId: string): Reading
  /** True when `auto` is among the names. */
  isChosen(names: readonly string[]): boolean
}

export const AUTO = 'auto'
export const SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0'

export function createReadings(modules: ReadonlyMap<string, SnmpModule>): Readings {
  const compiled = new Map<string, Reading>()
  // Devices of one profile share the list, and keep it: found by it, the names needn't be looked at.
  // And by what was chosen, not by what agents say of themselves: they may say something else each time.
  const byNames = new WeakMap<readonly string[], Map<readonly string[], Reading>>()

  /** Those of lists without `auto`, which every poll asks for. */
  const fixed = new WeakMap<readonly string[], Reading>()

  function find(names: readonly string[], chosen: readonly string[]): Reading {
    const isAuto = isChosen(names)
    const all = names.flatMap((name) => (name === AUTO ? chosen : [name]))
    const key = `${isAuto} ${all.join()}`
    const known = compiled.get(key)
    if (known !== undefined) return known
    const reading = compileModules([...new Set(all)].flatMap((name) => modules.get(name) ?? []))
    const gets = isAuto ? [...new Set([...reading.gets, SYS_OBJECT_ID])] : reading.gets
    const found = { ...reading, gets }
    compiled.set(key, found)
    return found
  }

  return {
    isChosen,
    of(names, sysObjectId) {
      const known = fixed.get(names)
      if (known !== undefined) return known
      const chosen = modulesFor(isChosen(names) ? sysObjectId : '')
      let byChosen = byNames.get(names)
      if (byChosen === undefined) byNames.set(names, (byChosen = new Map()))
      let reading = byChosen.get(chosen)
      if (reading === undefined) byChosen.set(chosen, (reading = find(names, chosen)))
      if (!isChosen(names)) fixed.set(names, reading)
      return reading
    },
  }
}

const isChosen = (names: readonly string[]): boolean => names.includes(AUTO)
