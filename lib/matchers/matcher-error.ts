/** A text is no matcher; the message says what was expected. */
export class MatcherError extends Error {
  override readonly name = 'MatcherError'
}
