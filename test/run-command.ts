import { Command } from 'commander'
import { vi } from 'vitest'

export type Ran = { readonly code: number; readonly out: string; readonly err: string }

/** Runs a command as bin/wardline.ts does, with what `add` adds to the program; `args` begin with its name. */
export async function runCommand(
  add: (program: Command) => unknown,
  ...args: readonly string[]
): Promise<Ran> {
  const program = new Command('wardline').exitOverride()
  program.configureOutput({ writeErr: () => {} })
  add(program)
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeErr: () => {} })
  let out = ''
  let err = ''
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text)))),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text)))),
  ]
  process.exitCode = 0
  try {
    await program.parseAsync(['node', 'wardline', ...args])
    return { code: Number(process.exitCode), out, err }
  } catch (error) {
    return { code: 2, out, err: (error as Error).message }
  } finally {
    process.exitCode = 0
    for (const spy of spies) spy.mockRestore()
  }
}
