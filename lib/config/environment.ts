import type { Finding } from './explain.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g
const MALFORMED =
  'expected ${NAME} with the name of an environment variable; write $${ for a plain ${'

/**
 * The tree with `${NAME}` in its texts replaced by the environment; `$${` is a plain `${`. A variable that isn't set
 * is a finding: an empty community would fail much later and elsewhere.
 */
export function substitute(
  tree: unknown,
  environment: Environment,
): { value: unknown; findings: readonly Finding[] } {
  const findings: Finding[] = []
  const value = walk(tree, [])
  return { value, findings }

  function walk(node: unknown, path: readonly PropertyKey[]): unknown {
    if (typeof node === 'string') return node.includes('${') ? fill(node, path) : node
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]))
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(
      Object.entries(node).map(([key, item]) => [key, walk(item, [...path, key])]),
    )
  }

  function fill(text: string, path: readonly PropertyKey[]): string {
    return text.replace(REFERENCE, (whole, name: string | undefined) => {
      if (whole === '$${') return '${'
      const found = name === undefined ? undefined : environment[name]
      if (found !== undefined && found !== '') return found
      findings.push({ path, message: name === undefined ? MALFORMED : unset(name) })
      return whole
    })
  }
}

const unset = (name: string): string =>
  `the environment variable ${name} is not set: set it before wardline starts`
