import type { Output } from '../output.ts'
import { type Agent, askAgent, failureLine, summaryLine } from './agent.ts'
import { createNames } from './names.ts'
import type { Network } from './network.ts'
import { alignedLines } from './table.ts'
import { type TargetOptions, chooseTarget } from './target.ts'
import { type ValueLine, typeName, valueLine } from './value-line.ts'

export type GetOptions = TargetOptions & { readonly json?: boolean }

/** `wardline snmp get <device> <oid…>`: single values. Gives the exit code: 1 when the agent failed, or has one of them not. */
export async function get(
  network: Network,
  { word, words, options }: { word: string; words: readonly string[]; options: GetOptions },
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const names = createNames(network.modules.modules.values())
  const oids = words.map((each) => names.instanceOf(each))
  const target = chooseTarget(network, word, options)
  const lines: ValueLine[] = []
  let isWhole = true
  const absentLine = async (agent: Agent, oid: string): Promise<ValueLine> => {
    const type = await agent.typeOf(oid)
    const absent = type === null ? 'noSuchName' : typeName(type)
    return { oid, name: names.nameOf(oid), type: absent, value: '' }
  }
  const asked = await askAgent(target, signal, async (agent) => {
    const values = await agent.client.get(oids)
    for (const oid of oids) {
      const cell = values.get(oid)
      if (cell === undefined) isWhole = false
      lines.push(cell === undefined ? await absentLine(agent, oid) : valueLine(cell, names))
    }
  })
  if (options.json === true)
    output.print(JSON.stringify({ device: target.device.id, values: lines }))
  else for (const line of valueLines(lines)) output.print(line)
  if (asked.failure !== null) output.error(failureLine(asked.failure))
  output.error(summaryLine(asked, target))
  return asked.failure === null && isWhole ? 0 : 1
}

/** Name, OID, type and value, aligned. */
export function valueLines(lines: readonly ValueLine[]): string[] {
  return alignedLines(lines.map(({ oid, name, type, value }) => [name ?? '-', oid, type, value]))
}

export const isShown = ({ oid, name, value }: ValueLine, filter: string): boolean =>
  `${name} ${oid} ${value}`.toLowerCase().includes(filter.toLowerCase())
