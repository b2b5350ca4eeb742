import type { Environment, Kind } from './function.ts'
import { FUNCTIONS } from './functions.ts'
import { printed } from './print.ts'
import { countFlaw, kindAt, kindFlaw } from './signature.ts'
import { TemplateError, errorAt } from './template-error.ts'
import { durationMethods, isDuration, isTime, timeMethods } from './time.ts'
import type { Command, Node, Operand, Pipe, Tree } from './tree.ts'
import { type Value, isList, isTrue, sortedKeys, typeName } from './value.ts'

/** A query whose result isn't there yet: no error of the template. */
export class Awaiting {
  readonly expr: string
  constructor(expr: string) {
    this.expr = expr
  }
}

export type Variable = { readonly name: string; value: Value }
type Block = Extract<Node, { kind: 'if' | 'with' | 'range' }>
type Flow = 'on' | 'break' | 'continue'

const MOST_DEPTH = 500
/** Of one text with all its beginnings anew: a tenth of a second or so, in which nothing else happens. */
const MOST_STEPS = 1_000_000
const MOST_CHARACTERS = 1_048_576

/** What the rendering of one text has cost so far. */
export type Cost = { steps: number }

/** What a tree gives for `dot`; throws TemplateError, or Awaiting. `text` is what the tree was parsed of. */
export function execute(
  text: string,
  tree: Tree,
  dot: Value,
  given: readonly Variable[],
  environment: Environment,
  cost: Cost = { steps: 0 },
): string {
  let output = ''
  let depth = 0
  let variables: Variable[] = [{ name: '$', value: dot }, ...given.map((one) => ({ ...one }))]
  walkAll(tree.body, dot)
  return output

  function walkAll(nodes: readonly Node[], current: Value): Flow {
    const mark = variables.length
    for (const node of nodes) {
      const flow = walk(node, current)
      if (flow === 'on') continue
      variables.length = mark
      return flow
    }
    return 'on'
  }

  function walk(node: Node, current: Value): Flow {
    if (output.length > MOST_CHARACTERS) throw new TemplateError(TOO_LONG)
    if (++cost.steps > MOST_STEPS) throw new TemplateError(TOO_MUCH)
    switch (node.kind) {
      case 'text':
        output += node.text
        return 'on'
      case 'action': {
        const value = pipeline(node.pipe, current)
        if (node.pipe.variables.length === 0) output += printed(value)
        return 'on'
      }
      case 'break':
      case 'continue':
        return node.kind
      case 'template':
        invoke(node, current)
        return 'on'
      case 'range':
        return scoped(() => range(node, current))
      case 'if':
      case 'with':
        return scoped(() => {
          const value = pipeline(node.pipe, current)
          const inside = node.kind === 'with' ? value : current
          return isTrue(value) ? walkAll(node.body, inside) : walkAll(node.otherwise, current)
        })
    }
  }

  function scoped<T>(run: () => T): T {
    const mark = variables.length
    const result = run()
    variables.length = mark
    return result
  }

  function range(node: Block, current: Value): Flow {
    const { pipe, body, otherwise, at } = node
    const value = commands(pipe, current)
    const items = itemsOf(value, at)
    if (items.length === 0) return walkAll(otherwise, current)
    const mark = variables.length
    cost.steps += items.length
    for (const [key, item] of items) {
      const names = pipe.variables
      if (pipe.isAssignment) {
        if (names.length === 2) assign(names[0] ?? '', key, at)
        assign(names.at(-1) ?? '', item, at)
      } else {
        if (names.length === 2) variables.push({ name: names[0] ?? '', value: key })
        if (names.length > 0) variables.push({ name: names.at(-1) ?? '', value: item })
      }
      const flow = walkAll(body, item)
      variables.length = mark
      if (flow === 'break') break
    }
    return 'on'
  }

  function itemsOf(value: Value, at: number): readonly (readonly [Value, Value])[] {
    if (value === null) return []
    if (typeof value === 'bigint' && value > MOST_STEPS) throw errorAt(text, at, TOO_MUCH)
    if (typeof value === 'bigint')
      return Array.from({ length: Math.max(0, Number(value)) }, (_, i) => [BigInt(i), BigInt(i)])
    if (typeof value === 'object') {
      if (isList(value)) return value.map((item, index) => [BigInt(index), item] as const)
      if (value.kind === 'map')
        return sortedKeys(value).map((key) => [key, value.entries[key] ?? null] as const)
    }
    throw errorAt(text, at, `can't range over ${typeName(value)}`)
  }

  function invoke({ name, pipe, at }: Node & { kind: 'template' }, current: Value): void {
    const body = tree.defined.get(name)
    if (body === undefined) throw errorAt(text, at, `there is no template ${JSON.stringify(name)}`)
    if (++depth > MOST_DEPTH) throw errorAt(text, at, 'the templates call one another without end')
    const inside = pipe === null ? null : pipeline(pipe, current)
    const outer = variables
    variables = [{ name: '$', value: inside }]
    walkAll(body, inside)
    variables = outer
    depth--
  }

  /** The value of a pipe, which its variables take. */
  function pipeline(pipe: Pipe, current: Value): Value {
    const value = commands(pipe, current)
    for (const name of pipe.variables) {
      if (pipe.isAssignment) assign(name, value, pipe.at)
      else variables.push({ name, value })
    }
    return value
  }

  function assign(name: string, value: Value, at: number): void {
    variableOf(name, at).value = value
  }

  function variableOf(name: string, at: number): Variable {
    const found = variables.findLast((variable) => variable.name === name)
    if (found === undefined) throw errorAt(text, at, `there is no variable ${name}`)
    return found
  }

  function commands(pipe: Pipe, current: Value): Value {
    let value: Value | undefined
    for (const command of pipe.commands) value = run(command, current, value)
    return value ?? null
  }

  function run({ operands, at }: Command, current: Value, final: Value | undefined): Value {
    const [head, ...rest] = operands
    if (head === undefined) throw errorAt(text, at, 'a value is missing')
    if (head.kind === 'function') return callFunction(head.name, rest, current, final, at)
    if (head.kind === 'nil') throw errorAt(text, at, 'nil alone is no command')
    const isMethod = head.kind === 'field' || head.kind === 'variable' || head.kind === 'chain'
    if (!isMethod || head.names.length === 0) {
      if (rest.length > 0 || final !== undefined)
        throw errorAt(text, rest[0]?.at ?? at, 'only a function takes values')
      return evaluate(head, current)
    }
    const receiver = evaluate({ ...head, names: head.names.slice(0, -1) } as Operand, current)
    const given = rest.map((operand) => evaluate(operand, current))
    const values = final === undefined ? given : [...given, final]
    return fieldOf(receiver, head.names.at(-1) ?? '', values, at)
  }

  function evaluate(operand: Operand, current: Value): Value {
    switch (operand.kind) {
      case 'dot':
        return current
      case 'nil':
        return null
      case 'boolean':
      case 'string':
        return operand.value
      case 'number':
        return operand.isFloat ? operand.float : operand.integer
      case 'field':
        return fieldsOf(current, operand.names, operand.at)
      case 'variable':
        return fieldsOf(variableOf(operand.name, operand.at).value, operand.names, operand.at)
      case 'function':
        return callFunction(operand.name, [], current, undefined, operand.at)
      case 'pipe':
        return pipeline(operand.pipe, current)
      case 'chain':
        return fieldsOf(evaluate(operand.operand, current), operand.names, operand.at)
    }
  }

  function fieldsOf(value: Value, names: readonly string[], at: number): Value {
    return names.reduce((inner, name) => fieldOf(inner, name, [], at), value)
  }

  function fieldOf(value: Value, name: string, values: readonly Value[], at: number): Value {
    const methods = isTime(value)
      ? timeMethods(value)
      : isDuration(value)
        ? durationMethods(value)
        : {}
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (method !== undefined) return method(...values)
    if (values.length > 0) throw errorAt(text, at, `.${name} takes no values`)
    if (typeof value === 'object' && value !== null && !isList(value)) {
      if (value.kind === 'map' && Object.hasOwn(value.entries, name))
        return value.entries[name] ?? null
      if (value.kind === 'map') return value.of === 'string' ? '' : null
      if (value.kind === 'struct' && Object.hasOwn(value.fields, name))
        return value.fields[name] ?? null
    }
    throw errorAt(text, at, `${typeName(value)} has no field ${name}`)
  }

  function callFunction(
    name: string,
    operands: readonly Operand[],
    current: Value,
    final: Value | undefined,
    at: number,
  ): Value {
    const found = FUNCTIONS.get(name)
    if (found === undefined) throw errorAt(text, at, `there is no function ${name}`)
    const count = operands.length + (final === undefined ? 0 : 1)
    const flaw = countFlaw(name, found, count)
    if (flaw !== null) throw errorAt(text, at, flaw)
    if (name === 'and' || name === 'or') {
      for (const operand of operands) {
        const value = evaluate(operand, current)
        const isLast = operand === operands.at(-1) && final === undefined
        if (isLast || isTrue(value) === (name === 'or')) return value
      }
      return final ?? null
    }
    const values = operands.map((operand, index) =>
      convert(operand, evaluate(operand, current), kindAt(found, index), name, at),
    )
    if (final !== undefined) {
      values.push(mustFit(final, kindAt(found, operands.length), name, at))
    }
    try {
      const result = found.call(values, environment)
      if (typeof result === 'string' && result.length > MOST_CHARACTERS) throw new Error(TOO_LONG)
      return result
    } catch (error) {
      if (error instanceof Awaiting) throw error
      throw errorAt(text, at, `${name}: ${(error as Error).message}`, error)
    }
  }

  /** A whole number that stands in the template is a float where one is expected. */
  function convert(operand: Operand, value: Value, kind: Kind, name: string, at: number): Value {
    const isWanted = operand.kind === 'number' && kind === 'float'
    return isWanted ? operand.float : mustFit(value, kind, name, at)
  }

  function mustFit(value: Value, kind: Kind, name: string, at: number): Value {
    const flaw = kindFlaw(name, kind, value)
    if (flaw !== null) throw errorAt(text, at, flaw)
    return value
  }
}

const TOO_LONG = 'the text becomes longer than a mebibyte'
const TOO_MUCH = `it takes more than ${MOST_STEPS} steps`
