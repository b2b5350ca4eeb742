import type { Arbitrary } from 'fast-check'

/** Something that reads what others wrote. */
export type Target = {
  readonly name: string
  readonly inputs: Arbitrary<unknown>
  /**
   * Reads one input; whether it was taken as good. Throws where the program would break, or where what it made of the input
   * is none of what it may make.
   */
  readonly read: (input: unknown) => boolean | Promise<boolean>
  /** Ends what `read` used. */
  readonly end?: () => Promise<void>
}

type Refusal = abstract new (...given: never[]) => Error

export type TargetOf<T> = {
  readonly name: string
  readonly inputs: Arbitrary<T>
  readonly read: (input: T) => boolean | Promise<boolean>
  /** The errors that say what is wrong with an input. */
  readonly refusals?: readonly Refusal[]
  readonly end?: () => Promise<void>
}

export function target<T>({ name, inputs, read, refusals = [], end }: TargetOf<T>): Target {
  const isRefusal = (error: unknown): boolean => {
    if (!refusals.some((kind) => error instanceof kind)) return false
    if ((error as Error).message === '')
      throw new Error('it is refused without a word', { cause: error })
    return true
  }
  return {
    name,
    inputs,
    async read(input) {
      try {
        return await read(input as T)
      } catch (error) {
        if (isRefusal(error)) return false
        throw error
      }
    },
    ...(end === undefined ? {} : { end }),
  }
}

/** Fails where something that was read isn't as it must be. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected ${what}`)
}
