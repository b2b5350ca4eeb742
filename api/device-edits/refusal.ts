import type { Definition } from '../../lib/inventory/edits/state.ts'
import { EditError, type Refusal } from '../../lib/inventory/edits/edit-error.ts'
import { Problem } from '../problem.ts'
import { definitionJson } from './json.ts'
import type { ProblemItemJson } from './schemas.ts'

type Answering = {
  /** The device as it is by now, for one that was changed meanwhile. */
  readonly current?: () => Definition | null
  readonly itemOf?: (refusal: Refusal) => ProblemItemJson
}

/** Runs an edit; what is refused becomes the answer. */
export async function answering<T>(
  edit: () => Promise<T>,
  { current = () => null, itemOf = problemItem }: Answering = {},
): Promise<T> {
  try {
    return await edit()
  } catch (error) {
    if (!(error instanceof EditError)) throw error
    if (error.reason === 'refused') throw refusedProblem(error.refusals.map((each) => itemOf(each)))
    throw problemOfEdit(error, error.reason, current())
  }
}

/** What an edit that failed is answered with. */
function problemOfEdit(
  error: EditError,
  reason: Exclude<EditError['reason'], 'refused'>,
  current: Definition | null,
): Problem {
  const { message } = error
  const options = { cause: error }
  switch (reason) {
    case 'changed': {
      const extra = { current: current && definitionJson(current) }
      return new Problem(412, 'Changed meanwhile', message, extra, options)
    }
    case 'busy':
      return new Problem(409, 'Changed meanwhile', message, {}, options)
    case 'full':
      return new Problem(409, 'Full', message, {}, options)
    case 'unavailable':
      return new Problem(503, 'Not possible now', message, { reason: 'redis' }, options)
  }
}

const STATUS = { invalid: 400, forbidden: 403, 'not-found': 404, conflict: 409 } as const
const TITLE = {
  invalid: 'Bad device',
  forbidden: 'Not allowed',
  'not-found': 'No such device',
  conflict: 'Conflict',
} as const

/** The gravest of all reasons is the answer's; each item has its own in `problems`. */
export function refusedProblem(items: readonly ProblemItemJson[]): Problem {
  const reasons = (['invalid', 'forbidden', 'not-found', 'conflict'] as const).filter((reason) =>
    items.some((item) => item.reason === reason),
  )
  const [reason = 'invalid'] = reasons
  const first = items.find((item) => item.reason === reason)
  const field = first?.field === null || first === undefined ? '' : `${first.field}: `
  const more = items.length > 1 ? ` (and ${items.length - 1} more: see problems)` : ''
  return new Problem(STATUS[reason], TITLE[reason], `${field}${first?.message ?? ''}${more}`, {
    ...(first?.field != null && { field: first.field }),
    ...(first?.other != null && { other: first.other }),
    problems: items,
  })
}

/** `line`: in a CSV. */
export const problemItem = (
  { index, device, field, reason, message, other }: Refusal,
  line: number | null = null,
): ProblemItemJson => ({
  index,
  line,
  device,
  field,
  reason,
  message,
  other: other ?? null,
})
