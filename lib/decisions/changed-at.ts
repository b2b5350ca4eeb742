/** When a decision was last changed, from its text as it is kept; -Infinity for what can't be read. */
export function changedAt(text: string): number {
  try {
    const { updatedAt, at } = JSON.parse(text) as { updatedAt?: unknown; at?: unknown }
    // Acknowledgements have `at` alone.
    return [updatedAt, at].find((each) => typeof each === 'number') ?? -Infinity
  } catch {
    return -Infinity
  }
}
