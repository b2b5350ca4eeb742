import type { Text, TextContext } from '../rule.ts'

/** What a text is as a template, or why it can't be told as one. */
export type AsTemplate = { readonly template: string } | { readonly reason: string }

/** A text's parts: what is written as it is, and what is filled in. */
type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'label'; readonly name: string; readonly form: Form }
  | { readonly kind: 'value'; readonly digits: number | null }

type Form = 'plain' | 'queryEscape' | 'toUpper' | 'toLower'

const FORMS: Readonly<Record<Form, (text: string) => string>> = {
  plain: (text) => text,
  queryEscape: encodeURIComponent,
  toUpper: (text) => text.toUpperCase(),
  toLower: (text) => text.toLowerCase(),
}

/** Why a function isn't a template, found while it runs. */
class Untold extends Error {}

/**
 * The template that says what a function says: the function is called with marks in place of labels and value, and
 * where a mark stands in its answer, the template has the label or value. It is called three times, so that one whose
 * answer depends on more is found out.
 */
export function templateOf(text: Text): AsTemplate {
  if (text.source !== undefined) return { template: text.source }
  try {
    const first = partsOf(text, 0, 1_234_567.1357924)
    const second = partsOf(text, 1, 7_654_321.9753186)
    const template = first.map(written).join('')
    if (template !== second.map(written).join('') || !isAlsoEmpty(text, first))
      return { reason: 'what it says depends on more than its labels and value as they are' }
    return { template }
  } catch (error) {
    const reason = error instanceof Untold ? error.message : `it fails: ${(error as Error).message}`
    return { reason }
  }
}

function partsOf(text: Text, pass: number, value: number): Part[] {
  const names: string[] = []
  const answer = say(
    text,
    contextOf((name) => mark(pass, names, name), value),
  )
  const marks: (readonly [string, Part])[] = []
  for (const name of names) {
    for (const form of Object.keys(FORMS) as Form[]) {
      marks.push([FORMS[form](mark(pass, names, name)), { kind: 'label', name, form }])
    }
  }
  marks.push([String(value), { kind: 'value', digits: null }])
  for (let digits = 0; digits <= 6; digits++)
    marks.push([value.toFixed(digits), { kind: 'value', digits }])
  return split(answer, marks)
}

/** A text that is changed by whatever may be done to a label; no mark is a part of another. */
function mark(pass: number, names: string[], name: string): string {
  if (!names.includes(name)) names.push(name)
  return `<Mark${pass}x${names.indexOf(name)} />`
}

function split(answer: string, marks: readonly (readonly [string, Part])[]): Part[] {
  const parts: Part[] = []
  let literal = ''
  for (let at = 0; at < answer.length;) {
    let best: readonly [string, Part] | undefined
    for (const one of marks) {
      if (answer.startsWith(one[0], at) && one[0].length > (best?.[0].length ?? 0)) best = one
    }
    if (best === undefined) {
      literal += answer[at++]
      continue
    }
    parts.push({ kind: 'literal', text: literal }, best[1])
    literal = ''
    at += best[0].length
  }
  if (
    /mark\d+x\d+/i.test(parts.map((part) => ('text' in part ? part.text : '')).join('') + literal)
  )
    throw new Untold('it changes a label in a way that a template is not known for')
  return [...parts, { kind: 'literal', text: literal }]
}

/** Whether it says the same of empty labels and of 0: a condition on either shows here. */
function isAlsoEmpty(text: Text, parts: readonly Part[]): boolean {
  const expected = parts.map((part) => {
    if (part.kind === 'literal') return part.text
    if (part.kind === 'label') return ''
    return part.digits === null ? '0' : (0).toFixed(part.digits)
  })
  return (
    say(
      text,
      contextOf(() => '', 0),
    ) === expected.join('')
  )
}

function say(text: Text, context: TextContext): string {
  const answer = text(context)
  if (typeof answer === 'string') return answer
  answer.catch(() => {}) // it won't be told
  throw new Untold('it waits for something')
}

/** What the function sees: each look at something that a template can't tell of ends it. */
function contextOf(label: (name: string) => string, value: number): TextContext {
  const labels = record(label)
  const device = record((name) => {
    if (name === 'id' || name === 'name') return label('device')
    if (name === 'branch' || name === 'region') return label(name)
    throw new Untold(`it tells the device's ${name}, which only wardline knows`)
  })
  const context = { labels, value, device }
  return new Proxy(context, {
    get(target, name) {
      if (typeof name === 'string' && Object.hasOwn(target, name))
        return target[name as keyof typeof target]
      throw new Untold(`it tells ${String(name)}`)
    },
  }) as unknown as TextContext
}

/** An object that has whatever it is asked for by name, but can't be listed. */
function record(get: (name: string) => string): Readonly<Record<string, string>> {
  return new Proxy<Record<string, string>>(
    {},
    {
      get: (_, name) => (typeof name === 'string' ? get(name) : undefined),
      has: () => true,
      ownKeys() {
        throw new Untold('it goes through all labels')
      },
    },
  )
}

function written(part: Part): string {
  if (part.kind === 'literal') return escapeTemplate(part.text)
  if (part.kind === 'value')
    return part.digits === null ? '{{ $value }}' : `{{ printf "%.${part.digits}f" $value }}`
  const label = /^[A-Za-z_]\w*$/.test(part.name)
    ? `$labels.${part.name}`
    : `index $labels ${JSON.stringify(part.name)}`
  return part.form === 'plain' ? `{{ ${label} }}` : `{{ ${label} | ${part.form} }}`
}

/** Braces that aren't a template's. */
export const escapeTemplate = (text: string): string => text.replaceAll('{{', '{{ "{{" }}')
