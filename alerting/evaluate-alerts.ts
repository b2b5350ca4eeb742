import { type Alert, type AlertInput, advanceAlert, isActive, sameSecond } from './alert.ts'
import { renderTexts } from './alert-text.ts'
import type { AlertStates, Facts } from './evaluate.ts'
import { type Flaws, createFlaws } from './flaws.ts'
import { type Labelled, createLabelling } from './labelling.ts'
import type { AlertRule, Result, RuleGroup, TextContext } from './rule.ts'
import { groupId } from './rule-id.ts'
import { labelFlaw } from './rule-labels.ts'
import { textContexts } from './text-context.ts'

export type AdvancedRule = { readonly alerts: readonly Alert[]; readonly flaws: Flaws }

type Input = AlertInput & Labelled

/** An alerting rule's alerts one evaluation further. A result that can't be one is left out alone (C9). */
export async function advanceRule(
  group: RuleGroup,
  rule: AlertRule,
  id: string,
  before: AlertStates,
  answer: { readonly vector: readonly Result[]; readonly isPartial: boolean },
  facts: Facts,
): Promise<AdvancedRule> {
  const own = before.get(id) ?? new Map<string, Alert>()
  const flaws = createFlaws()
  const timing = {
    groupId: groupId(group),
    ruleId: id,
    forMs: rule.forMs ?? 0,
    keepFiringForMs: rule.keepFiringForMs ?? group.keepFiringForMs ?? 0,
  }
  const contextOf = textContexts(rule, timing.groupId, answer.isPartial, facts)

  const labelling = createLabelling(group, rule, facts.externalLabels ?? {})
  const inputs = new Map<string, Input>()
  /** Alerts about which nothing is known this time. */
  const held = new Set<string>()
  for (const result of answer.vector) {
    const flaw = labelFlaw(result.labels)
    if (flaw !== null) {
      flaws.skip(flaw, result.labels)
      continue
    }
    const found = labelling.label(
      result.labels,
      () => contextOf(result.labels, result.value, facts.at, result.labels),
      (name, error) =>
        flaws.add(`with a label that failed, ${name}: ${error.message}`, result.labels),
    )
    const labelled = toldLabels(own, result, found instanceof Promise ? await found : found)
    const { key, labels } = labelled
    // An infinite value is one: a ratio to nothing is above its threshold.
    if (Number.isNaN(result.value)) {
      held.add(key)
      flaws.skip(`its value is ${result.value}`, labels)
    } else if (inputs.has(key)) flaws.skip('it has the labels of another one', labels)
    else {
      const { value, since } = result
      inputs.set(key, { ...labelled, value, ...(since === undefined ? {} : { since }) })
    }
  }
  labelling.done()
  leaveOutTooMany(inputs, own, group.limit ?? 0, flaws)

  const alerts: Alert[] = []
  for (const key of new Set([...own.keys(), ...inputs.keys()])) {
    const input = inputs.get(key)
    const previous = own.get(key)
    if (input === undefined) {
      const alert =
        held.has(key) && isActive(previous)
          ? previous
          : advanceAlert(previous, undefined, timing, facts.at)
      if (alert !== undefined) alerts.push(alert)
      continue
    }
    const known = isActive(previous) ? previous : (activeElsewhere(before, key) ?? previous)
    const alert = advanceAlert(known, input, timing, facts.at)
    if (alert === undefined) continue
    const described = describe(input, alert)
    alerts.push(described instanceof Promise ? await described : described)
  }
  return { alerts, flaws }

  function describe({ labels, visible }: Input, alert: Alert): Alert | Promise<Alert> {
    const context = contextOf(visible, alert.value, alert.activeAt, labels)
    const texts = renderTexts(rule.annotations, context, (name, error) =>
      flaws.add(`with an annotation that failed, ${name}: ${error.message}`, labels),
    )
    const revision = revisionOf(rule, context)
    return texts instanceof Promise
      ? texts.then((annotations) => ({ ...alert, annotations, revision }))
      : { ...alert, annotations: texts, revision }
  }
}

/**
 * The alert's labels. A condition that knows since when it holds keeps those it was told with: a device that moves to
 * another branch during its outage is still the same outage (F4).
 */
function toldLabels(
  own: ReadonlyMap<string, Alert>,
  { since }: Result,
  labelled: Labelled,
): Labelled {
  if (since === undefined || own.has(labelled.key)) return labelled
  const device = labelled.labels['device']
  for (const { key, labels, state, activeAt } of own.values()) {
    const isSame = state === 'firing' && labels['device'] === device
    if (isSame && sameSecond(activeAt, since)) return { ...labelled, key, labels }
  }
  return labelled
}

/** Of more than fit, those that are alerts already go first. */
function leaveOutTooMany(
  inputs: Map<string, Input>,
  own: ReadonlyMap<string, Alert>,
  limit: number,
  flaws: Flaws,
): void {
  if (limit <= 0 || inputs.size <= limit) return
  const known = [...inputs.keys()].filter((key) => isActive(own.get(key)))
  const fresh = [...inputs.keys()].filter((key) => !isActive(own.get(key))).sort()
  for (const key of [...known, ...fresh].slice(limit)) {
    flaws.skip(`only ${limit} fit in the group's limit`, inputs.get(key)?.labels ?? {})
    inputs.delete(key)
  }
}

/** Another rule of the group may have had this alert: one that was edited since, or that says the same. It goes on. */
function activeElsewhere(before: AlertStates, key: string): Alert | undefined {
  for (const alerts of before.values()) {
    const alert = alerts.get(key)
    if (isActive(alert)) return alert
  }
  return undefined
}

function revisionOf({ revision }: AlertRule, context: TextContext): string {
  try {
    return revision?.(context) ?? ''
  } catch {
    return '' // its annotations say what failed
  }
}
