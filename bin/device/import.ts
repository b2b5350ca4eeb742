import { formatPath } from '../../lib/config/explain.ts'
import { formatProblem, type Problem } from '../../lib/config/problem.ts'
import { readText } from '../../lib/config/text-file.ts'
import { type Operation, readChange, readCreate } from '../../lib/inventory/edits/operation.ts'
import { noticesAbout } from '../../lib/inventory/edits/worth-a-look.ts'
import { readDevices } from '../../lib/inventory/formats.ts'
import type { DeviceRecord } from '../../lib/inventory/records.ts'
import type { Desk } from '../decisions/desk.ts'
import type { Output } from '../output.ts'
import { type ImportOptions, doneText } from './change.ts'
import { withDevices } from './open.ts'

/** `wardline device import`: all devices of a file or none; each problem has its line. Gives 1 when something is wrong. */
export async function importDevices(
  desk: Desk,
  file: string,
  { author, change = false, dryRun = false, json = false }: ImportOptions,
  output: Output,
): Promise<number> {
  const { records, problems } = readDevices(file, await readText(file))
  return withDevices(desk, output, async (edits) => {
    const isThere = (id: string): boolean => change && edits.state.merged.inventory.has(id)
    const { operations, of, wrong } = readRecords(file, records, isThere)
    const placeOf = (index: number): string => `line ${of[index]?.line() ?? '?'}`
    const asking = { who: author, allows: null, placeOf }
    const plan = await edits.plan(operations, asking)
    const refused = plan.refusals.map(({ index, device, field, message }): Problem => {
      const line = of[index]?.line(field === null ? [] : field.split('.'))
      return { file, line, device: device ?? undefined, path: field ?? undefined, message }
    })
    const all = [...problems, ...wrong, ...refused]
    for (const problem of all) output.error(formatProblem(problem))
    const ids = new Set(plan.planned.map(({ id }) => id))
    for (const notice of noticesAbout(plan.state, ids, null))
      output.error(`notice: ${formatProblem({ ...notice, file })}`)
    if (all.length > 0) output.error(`${all.length} problems: nothing is imported`)
    if (all.length > 0) return 1
    const { planned } = dryRun ? plan : await edits.apply(operations, asking)
    if (json) output.print(JSON.stringify(planned, null, 2))
    else for (const { id, op, changes } of planned) output.print(doneText(id, op, changes))
    if (dryRun) output.error('nothing was changed: this was a dry run')
    return 0
  })
}

function readRecords(
  file: string,
  records: readonly DeviceRecord[],
  isThere: (id: string) => boolean,
): { operations: Operation[]; of: DeviceRecord[]; wrong: Problem[] } {
  const operations: Operation[] = []
  const of: DeviceRecord[] = []
  const wrong: Problem[] = []
  for (const record of records) {
    const { value } = record
    const id = typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : ''
    const checked = isThere(id) ? readChange(id, value) : readCreate(value)
    if (checked.ok) {
      operations.push(checked.data)
      of.push(record)
      continue
    }
    for (const { path, message } of checked.findings) {
      const device = id === '' ? undefined : id
      wrong.push({ file, line: record.line(path), device, path: formatPath(path), message })
    }
  }
  return { operations, of, wrong }
}
