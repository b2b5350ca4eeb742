import { type ChildProcess, fork } from 'node:child_process'

/** A process of ours that answers questions over its IPC channel; its CPU isn't counted to whoever asks. */
export type Child<Question> = AsyncDisposable & {
  readonly pid: number
  /** Rejects with what the child says is wrong, or when it has ended. */
  ask(question: Question): Promise<unknown>
}

type Asked = { readonly id: number; readonly question: unknown }
type Answered = { readonly id: number; readonly result?: unknown; readonly problem?: string }
type Waiting = { resolve(result: unknown): void; reject(error: Error): void }

/** `what` names it where it ends by itself. */
export function startChild<Question>(
  file: URL,
  what: string,
  execArgv: readonly string[] = [],
): Child<Question> {
  const child = fork(file, { execArgv: [...execArgv] })
  const waiting = new Map<number, Waiting>()
  let lastId = 0

  child.on('message', ({ id, result, problem }: Answered) => {
    const asker = waiting.get(id)
    waiting.delete(id)
    if (problem === undefined) asker?.resolve(result)
    else asker?.reject(new Error(problem))
  })
  child.on('exit', (code, signal) => {
    const error = new Error(`${what} ended (${signal ?? `exit ${code}`})`)
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  })
  return {
    pid: child.pid ?? 0,
    ask(question) {
      const id = ++lastId
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        child.send({ id, question } satisfies Asked, (error) => {
          if (error !== null) reject(error)
        })
      })
    },
    [Symbol.asyncDispose]: () => ended(child),
  }
}

/** As startChild, once its first question is answered; a child that can't is ended. */
export async function openChild<Question>(
  file: URL,
  what: string,
  first: Question,
): Promise<Child<Question>> {
  const child = startChild<Question>(file, what)
  try {
    await child.ask(first)
    return child
  } catch (error) {
    await child[Symbol.asyncDispose]()
    throw error
  }
}

/** The child's side: it ends when whoever asks is gone. */
export function answerParent<Question>(answer: (question: Question) => Promise<unknown>): void {
  process.on('message', ({ id, question }: Asked) => {
    answer(question as Question).then(
      (result) => process.send?.({ id, result } satisfies Answered),
      (error: Error) => process.send?.({ id, problem: error.message } satisfies Answered),
    )
  })
  process.on('disconnect', () => process.exit())
  // The process that asks decides when it is over: an interrupt at the terminal reaches both.
  process.on('SIGINT', () => {})
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
