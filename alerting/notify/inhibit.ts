import type { InhibitRuleConfig } from '../../lib/config/routing.ts'
import type { Labels } from '../../lib/labels.ts'
import { fingerprint } from '../../lib/fingerprint.ts'
import { type Known, createInhibition } from './inhibit-rule.ts'
import { createSeverityInhibition } from './inhibit-severity.ts'

/** Which firing alerts are covered by others; asking costs the same however many fire. */
export type Inhibitor = {
  add(alert: Known): readonly string[]
  remove(alert: Known): readonly string[]
  /** The fingerprint of one that covers it, or null. */
  cause(alert: Known): string | null
}

export function createInhibitor(rules: readonly InhibitRuleConfig[]): Inhibitor {
  const inhibitions = [createSeverityInhibition(), ...rules.map(createInhibition)]
  const prints = new WeakMap<Labels, string>()
  return {
    add: (alert) => inhibitions.flatMap((inhibition) => inhibition.add(alert)),
    remove: (alert) => inhibitions.flatMap((inhibition) => inhibition.remove(alert)),
    cause(alert) {
      for (const inhibition of inhibitions) {
        const source = inhibition.sourceOf(alert)
        if (source === null) continue
        let print = prints.get(source)
        if (print === undefined) prints.set(source, (print = fingerprint(source)))
        return print
      }
      return null
    },
  }
}
