import {
  type Document,
  LineCounter,
  type ParsedNode,
  type Tags,
  type YAMLError,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  parseDocument,
  visit,
} from 'yaml'
import type { Problem } from './problem.ts'

/** What a YAML text says, and on which line each of its values stands. */
export type YamlSource = {
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** The line of the value at `path`, or of the nearest thing around it. */
  line(path: readonly PropertyKey[]): number | undefined
}

/**
 * Reads YAML 1.2 with two differences: numbers stay texts (`id: 007` is not 7), and a key without a value counts as
 * left out. Messages never repeat a line of the file: it could hold a secret.
 */
export function parseYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter()
  return sourceOf(file, parseDocument(text, options(lines)), lines)
}

/** As parseYaml, for a text of several documents (`---` between them); a text of comments alone has none. */
export function parseYamlDocuments(file: string, text: string): YamlSource[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, options(lines))
  return Array.isArray(documents)
    ? documents.map((document) => sourceOf(file, document, lines))
    : []
}

const options = (lineCounter: LineCounter) => ({
  lineCounter,
  prettyErrors: false,
  // Its warnings repeat what stands in the file, on stderr.
  logLevel: 'error' as const,
  merge: true,
  customTags: withoutNumbers,
})

function sourceOf(file: string, document: Document.Parsed, lines: LineCounter): YamlSource {
  const line = (path: readonly PropertyKey[]) => lineAt(document, lines, path)
  const errors = [...document.errors, ...document.warnings]
  if (errors.length > 0) {
    return { value: undefined, problems: explainAll(file, errors, lines), line }
  }
  try {
    return { value: withoutNulls(document.toJS({ maxAliasCount: 1_000_000 })), problems: [], line }
  } catch {
    const lost = lostAlias(document, lines)
    const message = lost === undefined ? TOO_LARGE : STAR
    return { value: undefined, problems: [{ file, line: lost, message }], line }
  }
}

const withoutNumbers = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || !/:(int|float)$/.test(tag.tag))

const STAR = 'a * refers to an anchor that is not there: put a text that starts with * in quotes'

const TOO_LARGE = 'its anchors (&) and aliases (*) amount to far too much: write it out'

const LOOK =
  'not valid YAML here: check the colons, quotes and brackets of this line and the one above'
const SYNTAX: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BAD_ALIAS: STAR,
  TAG_RESOLVE_FAILED: 'unknown tag: put a text that starts with ! in quotes',
  BAD_SCALAR_START: "a text can't start with this character: put it in quotes",
  TAB_AS_INDENT: 'expected spaces as indentation, got a tab',
  DUPLICATE_KEY: 'the same key stands twice in this map: keep one',
  BAD_INDENT:
    'the indentation does not fit (the keys of one map start in the same column), or a bracket is not closed',
  MULTIPLE_DOCS: 'expected one document, got several (a line of ---)',
}

/** One mistake often gives several errors: one message for a line is enough. */
function explainAll(file: string, errors: readonly YAMLError[], lines: LineCounter): Problem[] {
  const problems = new Map<string, Problem>()
  for (const error of errors) {
    const { line } = lines.linePos(error.pos[0])
    const message = explainSyntax(error)
    problems.set(`${line} ${message}`, { file, line, message })
  }
  return [...problems.values()]
}

const explainSyntax = ({ code }: YAMLError): string => SYNTAX[code] ?? LOOK

/** The line of the first alias whose anchor isn't there; only making the value finds that out. */
function lostAlias(document: Document.Parsed, lines: LineCounter): number | undefined {
  let offset: number | undefined
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined
      offset = alias.range?.[0]
      return visit.BREAK
    },
  })
  return offset === undefined ? undefined : lines.linePos(offset).line
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  )
}

function lineAt(
  document: Document.Parsed,
  lines: LineCounter,
  path: readonly PropertyKey[],
): number | undefined {
  let node: unknown = document.contents
  let offset = (node as ParsedNode | null)?.range?.[0]
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document)
    const child = childOf(node, key)
    if (child === null) break
    node = child.value
    offset = child.offset ?? offset
  }
  return offset === undefined ? undefined : lines.linePos(offset).line
}

/** The value under a key or place, and where it begins: a map's value begins at its key. */
function childOf(
  node: unknown,
  key: PropertyKey,
): { value: unknown; offset: number | undefined } | null {
  if (isSeq(node)) {
    const item = node.items[Number(key)] as ParsedNode | undefined
    return item === undefined ? null : { value: item, offset: item.range?.[0] }
  }
  if (!isMap(node)) return null
  const pair = node.items.find(({ key: name }) => isScalar(name) && String(name.value) === key)
  if (pair === undefined) return null
  return { value: pair.value, offset: (pair.key as ParsedNode).range?.[0] }
}
