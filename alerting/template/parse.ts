import { didYouMean } from '../../lib/config/nearest.ts'
import { type Token, lex } from './lex.ts'
import { parseNumber } from './literal.ts'
import { type TemplateError, errorAt } from './template-error.ts'
import type { Command, Node, Operand, Pipe, Tree } from './tree.ts'

export type Known = {
  readonly functions: { has(name: string): boolean; keys(): Iterable<string> }
  /** With `$` in front. */
  readonly variables: readonly string[]
}

/** Parses a template; throws TemplateError, which says where it is wrong and what was expected. */
export function parseTemplate(text: string, known: Known): Tree {
  const tokens = lex(text)
  const defined = new Map<string, readonly Node[]>()
  let position = 0
  let loops = 0
  /** The variables in sight, the innermost last. */
  let variables: string[] = ['$', ...known.variables]

  const peek = (): Token => tokens[position] ?? (tokens.at(-1) as Token)
  const next = (): Token => {
    const token = peek()
    position++
    return token
  }
  const fail = (token: Token, message: string): TemplateError => errorAt(text, token.at, message)
  const unexpected = (token: Token, where: string): TemplateError =>
    fail(token, `unexpected ${show(token)} ${where}`)

  const body = list([])
  if (peek().kind !== 'end') throw unexpected(peek(), 'outside of any block')
  return { body: body.nodes, defined }

  /** Nodes up to one of the words, which is read: null at the end of the text. */
  function list(until: readonly string[]): { nodes: Node[]; ended: Token | null } {
    const nodes: Node[] = []
    for (;;) {
      const token = next()
      if (token.kind === 'end') return { nodes, ended: null }
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text })
        continue
      }
      const word = peek()
      if (word.kind === 'word' && until.includes(word.text)) {
        position++
        return { nodes, ended: word }
      }
      const node = action()
      if (node !== null) nodes.push(node)
    }
  }

  function action(): Node | null {
    const token = peek()
    const keyword = token.kind === 'word' ? token.text : ''
    if (['if', 'with', 'range'].includes(keyword)) {
      return control(next(), keyword as 'if' | 'with' | 'range')
    }
    switch (keyword) {
      case 'break':
      case 'continue':
        position++
        if (loops === 0) throw fail(token, `${keyword} outside of range`)
        right(keyword)
        return { kind: keyword }
      case 'define':
        position++
        define()
        return null
      case 'block':
        position++
        return block(token)
      case 'template':
        position++
        return template(token)
      case 'else':
      case 'end':
        throw unexpected(token, 'outside of any block')
      default: {
        const pipe = pipeline('in an action')
        right('the action')
        return { kind: 'action', pipe }
      }
    }
  }

  function control(token: Token, kind: 'if' | 'with' | 'range'): Node {
    const scope = variables
    variables = [...variables]
    const pipe = pipeline(`in ${kind}`, kind === 'range')
    right(kind)
    loops += kind === 'range' ? 1 : 0
    const { nodes, ended } = scoped(() => list(['else', 'end']))
    loops -= kind === 'range' ? 1 : 0
    if (ended === null) throw fail(token, `this ${kind} has no end`)
    const otherwise = ended.text === 'else' ? alternative(token, kind) : []
    if (ended.text === 'end') right('end')
    variables = scope
    return { kind, pipe, body: nodes, otherwise, at: token.at }
  }

  /** What follows `else`; `else if` and `else with` share the end of what they belong to. */
  function alternative(token: Token, kind: string): readonly Node[] {
    const word = peek()
    const chained = word.kind === 'word' && (word.text === 'if' || word.text === 'with')
    if (chained && word.text === kind) return [control(next(), word.text as 'if' | 'with')]
    right('else')
    const { nodes, ended } = scoped(() => list(['end']))
    if (ended === null) throw fail(token, `this ${kind} has no end`)
    right('end')
    return nodes
  }

  function scoped<T>(run: () => T): T {
    const scope = variables
    variables = [...variables]
    const result = run()
    variables = scope
    return result
  }

  function define(): void {
    const name = templateName('define')
    right('define')
    const token = peek()
    defined.set(name, separate(token, 'define'))
  }

  function block(token: Token): Node {
    const name = templateName('block')
    const pipe = pipeline('in block')
    right('block')
    defined.set(name, separate(token, 'block'))
    return { kind: 'template', name, pipe, at: token.at }
  }

  /** The inside of a define or a block: a template of its own, which knows no variable of the others. */
  function separate(token: Token, kind: string): readonly Node[] {
    const [scope, outerLoops] = [variables, loops]
    variables = ['$']
    loops = 0
    const { nodes, ended } = list(['end'])
    if (ended === null) throw fail(token, `this ${kind} has no end`)
    right('end')
    variables = scope
    loops = outerLoops
    return nodes
  }

  function template(token: Token): Node {
    const name = templateName('template')
    const pipe = peek().kind === 'right' ? null : pipeline('in template')
    right('template')
    return { kind: 'template', name, pipe, at: token.at }
  }

  function templateName(where: string): string {
    const token = next()
    if (token.kind === 'string') return token.text
    throw fail(token, `expected the name of a template in quotes after ${where}`)
  }

  function right(after: string): void {
    const token = next()
    if (token.kind !== 'right') throw unexpected(token, `after ${after}`)
  }

  function pipeline(where: string, isRange = false): Pipe {
    const { at } = peek()
    const { names, isAssignment } = declaration(isRange)
    const commands: Command[] = []
    for (;;) {
      const one = command(where)
      if (one.operands.length === 0) throw fail(peek(), `a value is missing ${where}`)
      const [first] = one.operands
      if (commands.length > 0 && first !== undefined && isConstant(first))
        throw errorAt(text, first.at, 'only a function can follow |')
      commands.push(one)
      if (peek().text !== '|' || peek().kind !== 'sign') break
      position++
    }
    if (!isAssignment) variables.push(...names)
    return { variables: names, isAssignment, commands, at }
  }

  function declaration(isRange: boolean): { names: string[]; isAssignment: boolean } {
    const [start, token] = [position, peek()]
    const names: string[] = []
    while (peek().kind === 'variable') {
      names.push(next().text)
      const sign = next()
      if (sign.kind === 'sign' && sign.text === ',' && isRange && names.length < 2) continue
      const isAssignment = sign.text === '='
      if (sign.kind !== 'sign' || !(isAssignment || sign.text === ':=')) break
      if (isAssignment) for (const name of names) mustKnow(name, token)
      return { names, isAssignment }
    }
    position = start
    return { names: [], isAssignment: false }
  }

  function mustKnow(name: string, token: Token): void {
    if (variables.includes(name)) return
    throw fail(token, `there is no variable ${name}${didYouMean(name, variables)}`)
  }

  function command(where: string): Command {
    const { at } = peek()
    const operands: Operand[] = []
    for (;;) {
      const one = operand()
      if (one === null) break
      operands.push(one)
      const after = peek()
      if (after.kind === 'right' || isSign(after, '|') || isSign(after, ')')) break
      if (!after.spaced) throw unexpected(after, where)
    }
    const token = peek()
    if (token.kind !== 'right' && !isSign(token, '|') && !isSign(token, ')'))
      throw unexpected(token, where)
    return { operands, at }
  }

  function operand(): Operand | null {
    const token = peek()
    const term = termOf(token)
    if (term === null) return null
    const names: string[] = []
    while (peek().kind === 'field' && !peek().spaced) names.push(next().text.slice(1))
    if (names.length === 0) return term
    if (term.kind === 'field' || term.kind === 'variable') {
      return { ...term, names: [...term.names, ...names] }
    }
    if (isConstant(term) || term.kind === 'dot') throw fail(token, `${show(token)} has no fields`)
    return { kind: 'chain', operand: term, names, at: token.at }
  }

  function termOf(token: Token): Operand | null {
    const { kind, text: value, at } = token
    if (kind === 'sign') return sign(token)
    if (!['string', 'number', 'character', 'field', 'variable', 'word'].includes(kind)) return null
    position++
    if (kind === 'string') return { kind, value, at }
    if (kind === 'field') return { kind, names: [value.slice(1)], at }
    if (kind === 'word') return word(token)
    if (kind === 'variable') {
      mustKnow(value, token)
      return { kind, name: value, names: [], at }
    }
    const number = parseNumber(token)
    if (number === null) throw fail(token, `${value} is no number`)
    return number
  }

  function sign(token: Token): Operand | null {
    if (token.text === '.') {
      position++
      return { kind: 'dot', at: token.at }
    }
    if (token.text !== '(') return null
    position++
    const pipe = pipeline('in parentheses')
    const close = next()
    if (!isSign(close, ')')) throw fail(token, 'this ( has no )')
    return { kind: 'pipe', pipe, at: token.at }
  }

  function word(token: Token): Operand {
    const { text: name, at } = token
    if (name === 'nil') return { kind: 'nil', at }
    if (name === 'true' || name === 'false') return { kind: 'boolean', value: name === 'true', at }
    if (known.functions.has(name)) return { kind: 'function', name, at }
    throw fail(token, `there is no function ${name}${didYouMean(name, known.functions.keys())}`)
  }
}

const isSign = (token: Token, sign: string): boolean => token.kind === 'sign' && token.text === sign

const isConstant = ({ kind }: Operand): boolean =>
  ['boolean', 'string', 'number', 'nil'].includes(kind)

const show = ({ kind, text }: Token): string =>
  kind === 'end' ? text : kind === 'right' ? '}}' : JSON.stringify(text)
