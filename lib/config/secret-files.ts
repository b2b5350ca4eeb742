import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Finding } from './explain.ts'
import { SECRET_PATHS } from './secrets.ts'
import { readFailure } from './text-file.ts'

const PREFIX = 'file:'

/**
 * The tree with each secret given as `file:/path` replaced by what the file holds, without the line break at its
 * end. A relative path starts at the configuration file's directory.
 */
export async function readSecretFiles(
  tree: unknown,
  configPath: string,
): Promise<{ value: unknown; findings: readonly Finding[] }> {
  const value = structuredClone(tree)
  const findings: Finding[] = []
  for (const pattern of SECRET_PATHS) {
    for (const { parent, key, path } of matches(value, pattern.split('.'))) {
      const text = parent[key]
      if (typeof text !== 'string' || !text.startsWith(PREFIX)) continue
      const file = resolve(
        dirname(configPath),
        text.slice(PREFIX.length).replace(/^\/\/(?=\/)/, ''),
      )
      const read = await readSecret(file)
      if (read.ok) parent[key] = read.text
      else findings.push({ path, message: `the secret's file ${file}: ${read.reason}` })
    }
  }
  return { value, findings }
}

async function readSecret(
  file: string,
): Promise<{ ok: true; text: string } | { ok: false; reason: string }> {
  try {
    const text = (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
    return text === '' ? { ok: false, reason: 'the file is empty' } : { ok: true, text }
  } catch (error) {
    return { ok: false, reason: readFailure(error) }
  }
}

type Place = { parent: Record<string, unknown>; key: string; path: PropertyKey[] }

function matches(tree: unknown, pattern: readonly string[], path: PropertyKey[] = []): Place[] {
  if (typeof tree !== 'object' || tree === null) return []
  const [head = '', ...rest] = pattern
  const node = tree as Record<string, unknown>
  const keys = head === '*' ? Object.keys(node) : Object.hasOwn(node, head) ? [head] : []
  return keys.flatMap((key) => {
    const place = [...path, Array.isArray(tree) ? Number(key) : key]
    return rest.length === 0
      ? [{ parent: node, key, path: place }]
      : matches(node[key], rest, place)
  })
}
