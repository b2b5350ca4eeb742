import type { Labels } from '../lib/labels.ts'

/** What was wrong with single results of a rule: each kind once, with those that have it. */
export type Flaws = {
  add(what: string, labels: Labels): void
  /** A flaw for which the result is left out. */
  skip(what: string, labels: Labels): void
  readonly skipped: number
  texts(): string[]
}

const MOST_NAMED = 5

export function createFlaws(): Flaws {
  const kinds = new Map<string, Labels[]>()
  let skipped = 0
  function add(what: string, labels: Labels): void {
    const of = kinds.get(what)
    if (of === undefined) kinds.set(what, [labels])
    else of.push(labels)
  }
  return {
    add,
    skip(what, labels) {
      add(`left out, ${what}`, labels)
      skipped++
    },
    get skipped() {
      return skipped
    },
    texts: () =>
      [...kinds].map(([what, of]) => {
        const named = of.slice(0, MOST_NAMED).map((labels) => JSON.stringify(labels))
        const rest = of.length > MOST_NAMED ? ', …' : ''
        return `${of.length} ${of.length === 1 ? 'result' : 'results'} ${what}: ${named.join(', ')}${rest}`
      }),
  }
}
