/** A template that can't be read or rendered; the message names the place where there is one. */
export class TemplateError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TemplateError'
  }
}

/** An error at an offset of a template: `line 2, column 5: …`. */
export function errorAt(text: string, at: number, message: string, cause?: unknown): TemplateError {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  const column = at - before.lastIndexOf('\n')
  const place = text.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`
  return new TemplateError(`${place}: ${message}`, cause === undefined ? {} : { cause })
}
