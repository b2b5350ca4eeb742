import type { Rows } from '../../collector/snmp/protocol/client.ts'
import type { Output } from '../output.ts'
import { askAgent, failureLine, summaryLine } from './agent.ts'
import { type GetOptions, isShown, valueLines } from './get.ts'
import { createNames } from './names.ts'
import type { Network } from './network.ts'
import { chooseTarget } from './target.ts'
import { valueLine } from './value-line.ts'

export type WalkOptions = GetOptions & { readonly filter?: string }

/** A subtree may take an agent long; the bound of its polls would cut it off. */
const TIMEOUT = '2m'

/**
 * `wardline snmp walk <device> <oid>`: all values under an OID; what was read before a failure is shown, too. Gives the
 * exit code: 1 when the agent failed, or has nothing there.
 */
export async function walk(
  network: Network,
  { word, root, options }: { word: string; root: string; options: WalkOptions },
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const names = createNames(network.modules.modules.values())
  const oid = names.oidOf(root)
  const target = chooseTarget(network, word, { timeout: TIMEOUT, ...options })
  const rows: Rows = new Map()
  const asked = await askAgent(target, signal, async ({ client }) => {
    using _progress = showProgress(() => rows.size)
    await client.walkColumns([oid], rows)
    // It may be one value itself.
    const cell = rows.size === 0 ? (await client.get([oid])).get(oid) : undefined
    if (cell !== undefined) rows.set('', [cell])
  })
  const lines = [...rows].flatMap(([index, [cell]]) =>
    cell === undefined
      ? []
      : [valueLine({ ...cell, oid: index === '' ? oid : `${oid}.${index}` }, names)],
  )
  const shown = lines.filter((line) => isShown(line, options.filter ?? ''))
  if (options.json === true)
    output.print(JSON.stringify({ device: target.device.id, values: shown }))
  else for (const line of valueLines(shown)) output.print(line)
  if (asked.failure !== null) output.error(failureLine(asked.failure))
  const count = `${lines.length} ${lines.length === 1 ? 'value' : 'values'}`
  const filtered = shown.length === lines.length ? '' : `, ${shown.length} shown`
  output.error(`${count}${filtered}; ${summaryLine(asked, target)}`)
  return asked.failure === null && lines.length > 0 ? 0 : 1
}

/** Counts on the terminal, and takes the line away at the end. Nothing where nobody looks. */
function showProgress(count: () => number): Disposable {
  if (!process.stderr.isTTY) return { [Symbol.dispose]() {} }
  const timer = setInterval(() => process.stderr.write(`\r${count()} values`), 200)
  return {
    [Symbol.dispose]() {
      clearInterval(timer)
      process.stderr.write('\r\u001b[K')
    },
  }
}
