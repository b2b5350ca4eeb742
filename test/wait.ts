import { setTimeout as delay } from 'node:timers/promises'

/** What `check` gives once it isn't undefined, null, false, 0 or empty. */
type Truthy<T> = Exclude<T, undefined | null | false | 0 | ''>

export type WaitOptions = {
  readonly timeoutMs?: number
  readonly intervalMs?: number
  /** What is waited for, in words: the error says it. */
  readonly what?: string
}

/** Far more than anything takes that works, also where others keep the machine busy: it costs what fails only. */
const PATIENCE_MS = 20_000

/** Resolves with the first truthy result of `check`; rejects after `timeoutMs`, naming `what` and the last error. */
export async function waitFor<T>(
  check: () => T | Promise<T>,
  { timeoutMs = PATIENCE_MS, intervalMs = 50, what = 'the condition' }: WaitOptions = {},
): Promise<Truthy<T>> {
  const until = performance.now() + timeoutMs
  let last: { error: unknown } | { result: unknown }
  do {
    try {
      const result = await check()
      if (result) return result as Truthy<T>
      last = { result }
    } catch (error) {
      last = { error }
    }
    await delay(intervalMs)
  } while (performance.now() < until)
  const seen =
    'error' in last ? `the last error was: ${String(last.error)}` : `last seen: ${last.result}`
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}; ${seen}`, {
    cause: 'error' in last ? last.error : undefined,
  })
}
