import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Problem } from '../../lib/config/problem.ts'

/** What a file exports by default, or why it can't be read. */
export type Imported = { readonly exported: unknown } | { readonly problem: Problem }

/**
 * Imports a `.ts` (or `.js`) file: its imports of `wardline/rules` are wardline's own, wherever the file lies; it and
 * what it imports beside it are read anew each time. In this thread: what never ends there ends nowhere.
 */
export async function importHere(file: string): Promise<Imported> {
  hookImports()
  generation++
  try {
    const url = `${pathToFileURL(file).href}?${GENERATION}=${generation}`
    return { exported: ((await import(/* @vite-ignore */ url)) as { default?: unknown }).default }
  } catch (error) {
    return { problem: { file, line: lineOf(error, file), message: explain(error) } }
  }
}

const GENERATION = 'wardline-rules'
let generation = 0
let isHooked = false

/** Node keeps modules by their URL: those of rule files get another one at each reading. */
function hookImports(): void {
  if (isHooked) return
  isHooked = true
  const own = new URL('../define.ts', import.meta.url).href
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'wardline/rules')
        return { url: own, shortCircuit: true, format: 'module-typescript' }
      const resolved = next(specifier, context)
      const mark = new RegExp(`\\?${GENERATION}=\\d+$`).exec(context.parentURL ?? '')?.[0]
      const isBeside = /^\.{0,2}\//.test(specifier) && resolved.url.startsWith('file:')
      if (mark === undefined || !isBeside || resolved.url.includes('?')) return resolved
      return { ...resolved, url: resolved.url + mark }
    },
  })
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`
  const [first = ''] = error.message.trim().split('\n')
  return error.name === 'SyntaxError' ? `not valid TypeScript: ${first}` : `${error.name}: ${first}`
}

/** The line of the file in a stack, or in the head of a syntax error. */
function lineOf(error: unknown, file: string): number | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const names = [pathToFileURL(file).href, file].map((name) =>
    name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  )
  const found = new RegExp(`(?:${names.join('|')})(?:\\?${GENERATION}=\\d+)?:(\\d+)`).exec(stack)
  return found === null ? undefined : Number(found[1])
}
