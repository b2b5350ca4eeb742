import type { Text } from './rule.ts'

export type Texts = Readonly<Record<string, string>>

/**
 * Texts of one alert. One that fails says so in its own place, and to `failed`. No promise unless a text is one: most
 * rules have none, and ten thousand alerts would wait for ten thousand promises.
 */
export function renderTexts<C>(
  texts: Readonly<Record<string, string | Text<C>>>,
  context: C,
  failed: (name: string, error: Error) => void,
): Texts | Promise<Texts> {
  const rendered: Record<string, string> = {}
  const waiting: Promise<void>[] = []
  const fail = (name: string, error: unknown): void => {
    rendered[name] = `failed: ${(error as Error).message}`
    failed(name, error as Error)
  }
  for (const [name, text] of Object.entries(texts)) {
    try {
      const made = typeof text === 'string' ? text : text(context)
      if (typeof made === 'string') rendered[name] = made
      else {
        rendered[name] = ''
        const put = (value: string): void => {
          rendered[name] = value
        }
        waiting.push(made.then(put, (error: unknown) => fail(name, error)))
      }
    } catch (error) {
      fail(name, error)
    }
  }
  return waiting.length === 0 ? rendered : Promise.all(waiting).then(() => rendered)
}
