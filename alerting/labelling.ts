import type { Labels } from '../lib/labels.ts'
import { alertKey } from './alert.ts'
import { type Texts, renderTexts } from './alert-text.ts'
import type { AlertRule, RuleGroup, TextContext } from './rule.ts'
import { addedLabels, withLabels } from './rule-labels.ts'

/** A result's labels as its alert has them. */
export type Labelled = {
  readonly labels: Labels
  readonly key: string
  /** As its texts see them: of a label that the rule sets too, the result's own value. */
  readonly visible: Labels
}

/** Labels the results of one evaluation of a rule. */
export type Labelling = {
  label(
    own: Labels,
    context: () => TextContext,
    failed: (name: string, error: Error) => void,
  ): Labelled | Promise<Labelled>
  /** Forgets what this evaluation didn't see. */
  done(): void
}

type Memo = { readonly group: RuleGroup; readonly known: Map<string, Labelled> }

/** By rule. Results of one evaluation are mostly those of the last, and their labels cost more than all else of them. */
const memos = new WeakMap<AlertRule, Memo>()

/** `externalLabels` are those of the configuration: they fill in what neither result nor rule has. */
export function createLabelling(
  group: RuleGroup,
  rule: AlertRule,
  externalLabels: Labels,
): Labelling {
  const added = addedLabels(group, rule)
  const identity = { alertname: rule.alert, alertgroup: group.name }
  const finished = (own: Labels, texts: Texts): Labelled => {
    const labels = { ...externalLabels, ...withLabels(own, { ...texts, ...identity }) }
    return { labels, key: alertKey(labels), visible: { ...labels, ...own } }
  }
  if (Object.values(added).some((label) => typeof label !== 'string')) {
    return {
      label(own, context, failed) {
        const texts = renderTexts(added, context(), failed)
        return texts instanceof Promise
          ? texts.then((made) => finished(own, made))
          : finished(own, texts)
      },
      done() {},
    }
  }
  const memo = memos.get(rule)
  const before = memo?.group === group ? memo.known : new Map<string, Labelled>()
  const known = new Map<string, Labelled>()
  return {
    label(own) {
      const key = quickKey(own)
      const labelled = before.get(key) ?? finished(own, added as Texts)
      known.set(key, labelled)
      return labelled
    },
    done: () => void memos.set(rule, { group, known }),
  }
}

/** One text for labels in one order, which is the order of most answers; another order is only slower. */
function quickKey(labels: Labels): string {
  let key = ''
  for (const name in labels) {
    const value = labels[name] ?? ''
    key += `${name.length}:${name}${value.length}:${value}`
  }
  return key
}
