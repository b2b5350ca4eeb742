import { type Reading, compileModules } from './compile.ts'
import type { SnmpModule } from './module.ts'
import { modulesFor } from './modules/auto.ts'

/** What devices with the same modules read: compiled once. */
export type Readings = {
  /**
   * Of these modules, by name. `auto` stands for those that are made for agents of this sysObjectID ('' while it isn't
   * known); unknown names were refused with the configuration.
   */
  of(names: readonly string[], sysObjectId: string): Reading
}

export const AUTO = 'auto'
export const SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0'

export function createReadings(modules: ReadonlyMap<string, SnmpModule>): Readings {
  const compiled = new Map<string, Reading>()

  function compile(names: readonly string[], isChosen: boolean): Reading {
    const reading = compileModules(names.flatMap((name) => modules.get(name) ?? []))
    if (!isChosen || reading.gets.includes(SYS_OBJECT_ID)) return reading
    return { ...reading, gets: [...reading.gets, SYS_OBJECT_ID] }
  }

  return {
    of(names, sysObjectId) {
      const isChosen = names.includes(AUTO)
      const all = isChosen
        ? names.flatMap((name) => (name === AUTO ? modulesFor(sysObjectId) : [name]))
        : names
      const key = `${isChosen} ${all.join()}`
      let reading = compiled.get(key)
      if (reading === undefined) {
        reading = compile([...new Set(all)], isChosen)
        compiled.set(key, reading)
      }
      return reading
    },
  }
}
