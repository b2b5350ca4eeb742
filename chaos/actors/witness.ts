import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Probed } from '../judge/history.ts'

/** A program that is fping for a collector and notes what was asked, whoever forgets it later. Gives its path. */
export async function writeWitness(folder: string, collector: string): Promise<string> {
  const path = join(folder, `${collector}.fping`)
  await writeFile(path, scriptFor(logOf(folder, collector)), { mode: 0o755 })
  return path
}

/** The runs that came to their end, in that order. */
export async function readWitness(folder: string, collector: string): Promise<Probed[]> {
  const text = await readFile(logOf(folder, collector), 'utf8').catch(() => '')
  return parseWitness(text, collector)
}

/** Lines of start, end (Unix milliseconds), fping's exit code and the addresses. From 3 on fping did not do its work. */
export function parseWitness(text: string, collector: string): Probed[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const [from, to, code, ...addresses] = line.trim().split(' ')
      if (Number(code) > 2) return []
      return [{ collector, from: Number(from), to: Number(to), addresses }]
    })
}

const logOf = (folder: string, collector: string): string => join(folder, `${collector}.probes`)

const scriptFor = (log: string): string => `#!/bin/sh
from=$(date +%s%3N)
targets=$(cat)
printf '%s\\n' "$targets" | fping "$@"
code=$?
printf '%s %s %s %s\\n' "$from" "$(date +%s%3N)" "$code" "$(printf '%s' "$targets" | tr '\\n' ' ')" >> '${log}'
exit $code
`
