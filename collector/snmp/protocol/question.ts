import { SnmpError, reasonOfStatus } from './error.ts'
import { type Question, type Response, encodeQuestion } from './message.ts'
import type { Varbind } from './varbind.ts'

/** The OIDs of a GET are the same arrays from poll to poll; those of walks are new ones each time. */
const questions = new WeakMap<readonly string[], Question>()

export function questionOf(oids: readonly string[]): Question {
  let question = questions.get(oids)
  if (question === undefined) questions.set(oids, (question = encodeQuestion(oids)))
  return question
}

/** Bindings of a GETBULK come row by row; the last row may be cut. */
export function inColumns(cells: readonly Varbind[], count: number): Varbind[][] {
  const columns: Varbind[][] = []
  for (let i = 0; i < count; i++) columns.push([])
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]
    if (cell !== undefined) columns[i % count]?.push(cell)
  }
  return columns
}

/** RFC 3416 §3. */
const STATUS = [
  'noError',
  'tooBig',
  'noSuchName',
  'badValue',
  'readOnly',
  'genErr',
  'noAccess',
  'wrongType',
  'wrongLength',
  'wrongEncoding',
  'wrongValue',
  'noCreation',
  'inconsistentValue',
  'resourceUnavailable',
  'commitFailed',
  'undoFailed',
  'authorizationError',
  'notWritable',
  'inconsistentName',
]

/** What an agent says that gives a status in place of values. */
export function refusal({ status, index }: Response, { oids }: Question): SnmpError {
  const name = STATUS[status] ?? `status ${status}`
  const oid = oids[index - 1]?.text ?? null
  const message = `the agent answers ${name}${oid === null ? '' : `: ${oid}`}`
  return new SnmpError(reasonOfStatus(status), message, { oid })
}
