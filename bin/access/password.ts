import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { passwordSchema } from '../../lib/auth/account.ts'
import { StartError } from '../../lib/start-error.ts'

/**
 * Asked for on a terminal, twice and unseen; else the first line of what is piped in. Never an argument: those are seen
 * by everybody on the machine, and kept in the shell's history.
 */
export async function readPassword(): Promise<string> {
  const isTerminal = process.stdin.isTTY === true
  const password = isTerminal ? await ask('Password: ') : await firstLine()
  const checked = passwordSchema.safeParse(password)
  if (!checked.success) throw new StartError(checked.error.issues[0]?.message ?? 'not a password')
  if (isTerminal && (await ask('Again: ')) !== password)
    throw new StartError('the two passwords differ: nothing was changed')
  return password
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line
  return ''
}
