/** The words of a free text, as they are looked for. */
export const wordsOf = (q: string): string[] => q.toLowerCase().split(/\s+/).filter(Boolean)

/** Whether each word occurs in one of the texts at least. */
export function haveWords(
  texts: readonly (string | null | undefined)[],
  words: readonly string[],
): boolean {
  if (words.length === 0) return true
  const text = texts.join('\n').toLowerCase()
  return words.every((word) => text.includes(word))
}
