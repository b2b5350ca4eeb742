import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { version } from '../bin/version.ts'
import { type Parameters, type Result, type Table, holds } from './measurement.ts'

const RESULTS = join(import.meta.dirname, 'results')

export function printResult({ tables, bounds }: Result): void {
  for (const table of tables) printTable(table)
  if (bounds.length === 0) return
  printTable({
    title: 'Bounds',
    columns: ['what', 'measured', 'bound', ''],
    rows: bounds.map((bound) => [
      bound.what,
      `${bound.measured} ${bound.unit}`,
      `${bound.kind === 'most' ? '≤' : '≥'} ${bound.bound} ${bound.unit}`,
      holds(bound) ? 'holds' : 'DOES NOT HOLD',
    ]),
  })
}

/** Writes bench/results/<name>.json, with what it was measured on; gives its path. */
export async function saveResult(
  name: string,
  parameters: Parameters,
  result: Result,
): Promise<string> {
  await mkdir(RESULTS, { recursive: true })
  const path = join(RESULTS, `${name}.json`)
  const report = {
    name,
    date: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memory_gb: Math.round(totalmem() / 2 ** 30),
    },
    versions: {
      wardline: version,
      node: process.version,
      victoria_metrics: await versionOf('victoria-metrics'),
      redis: await versionOf('redis-server'),
      fping: await versionOf('fping'),
      snmp_exporter: await versionOf('prometheus-snmp-exporter'),
    },
    parameters,
    ...result,
    bounds: result.bounds.map((bound) => ({ ...bound, holds: holds(bound) })),
  }
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`)
  return relative(process.cwd(), path)
}

function printTable({ title, columns, rows }: Table): void {
  const lines = [columns, ...rows].map((row) => row.map(String))
  const widths = columns.map((_, place) => Math.max(...lines.map((row) => row[place]?.length ?? 0)))
  const isNumber = (place: number) => rows.every((row) => typeof row[place] === 'number')
  console.log(`\n${title}`)
  for (const row of lines) {
    const cells = row.map((cell, place) =>
      isNumber(place) ? cell.padStart(widths[place] ?? 0) : cell.padEnd(widths[place] ?? 0),
    )
    console.log(`  ${cells.join('  ').trimEnd()}`)
  }
}

/** What the program says of itself; where that is nothing, as Debian's VictoriaMetrics, what its package says. */
async function versionOf(program: string): Promise<string> {
  const run = promisify(execFile)
  const said = await run(program, ['--version']).then(
    ({ stdout }) => /\d+\.\d+[^\s:]*/.exec(stdout)?.[0],
    () => undefined,
  )
  if (said !== undefined) return said
  return run('dpkg-query', ['-W', '-f', '${Version}', program]).then(
    ({ stdout }) => stdout.trim(),
    () => 'unknown',
  )
}
