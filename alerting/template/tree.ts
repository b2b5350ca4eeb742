/**
 * What a template is made of: the grammar of Go's text/template. `at` is an offset in the template's text, for messages.
 */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipe: Pipe
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
      readonly at: number
    }
  | { readonly kind: 'break' | 'continue' }
  | {
      readonly kind: 'template'
      readonly name: string
      readonly pipe: Pipe | null
      readonly at: number
    }

/** Commands one after the other: each gets the result of the one before it as its last argument. */
export type Pipe = {
  /** Variables that take the result, `$` in front. */
  readonly variables: readonly string[]
  /** `=` instead of `:=`. */
  readonly isAssignment: boolean
  readonly commands: readonly Command[]
  readonly at: number
}

export type Command = { readonly operands: readonly Operand[]; readonly at: number }

export type Operand =
  | { readonly kind: 'dot' | 'nil'; readonly at: number }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly at: number }
  | { readonly kind: 'string'; readonly value: string; readonly at: number }
  | {
      readonly kind: 'number'
      /** Null where it isn't whole. */
      readonly integer: bigint | null
      readonly float: number
      /** Written with a point or an exponent. */
      readonly isFloat: boolean
      readonly text: string
      readonly at: number
    }
  | { readonly kind: 'field'; readonly names: readonly string[]; readonly at: number }
  | {
      readonly kind: 'variable'
      readonly name: string
      readonly names: readonly string[]
      readonly at: number
    }
  | { readonly kind: 'function'; readonly name: string; readonly at: number }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly at: number }
  | {
      readonly kind: 'chain'
      readonly operand: Operand
      readonly names: readonly string[]
      readonly at: number
    }

/** The main text and the templates that it defines, by name. */
export type Tree = {
  readonly body: readonly Node[]
  readonly defined: ReadonlyMap<string, readonly Node[]>
}
