/** `, did you mean interval?` when a candidate is near enough to be what was meant, '' otherwise. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = nearest(word, candidates)
  return found === null ? '' : `, did you mean ${found}?`
}

/** The candidate with the fewest slips of typing, `most` at most, or null when none is near; the first of equals. */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  most = slipsIn(word),
): string | null {
  const wanted = word.toLowerCase()
  let bound = most + 1
  let best: string | null = null
  for (const candidate of candidates) {
    const distance = slips(wanted, candidate.toLowerCase(), bound)
    if (distance >= bound) continue
    bound = distance
    best = candidate
  }
  return best
}

/** One in three letters; two letters are too few to tell a slip from another word. */
const slipsIn = ({ length }: string): number => (length < 3 ? 0 : Math.floor(length / 3))

/**
 * Letters inserted, left out, changed or swapped with their neighbour to make `b` of `a`; anything from `bound` on
 * means "too many". (Optimal string alignment.)
 */
function slips(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(
        at(previous, j) + 1,
        at(row, j - 1) + 1,
        at(previous, j - 1) + (same ? 0 : 1),
      )
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, at(before, j - 2) + 1)
      row.push(cost)
    }
    if (Math.min(...row) >= bound) return bound
    before = previous
    previous = row
  }
  return at(previous, b.length)
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity
