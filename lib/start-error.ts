/**
 * wardline can't start (or go on) for a reason that a person can mend. The message says what is wrong and what
 * to do; `main` prints it alone, without a stack trace, and exits with 2.
 */
export class StartError extends Error {
  override readonly name = 'StartError'
}
