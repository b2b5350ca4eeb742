/** One thing that is wrong in a file, and what was expected. Texts never hold a secret's value. */
export type Problem = {
  readonly file: string
  /** From 1. */
  readonly line?: number | undefined
  /** The id of the device that it concerns. */
  readonly device?: string | undefined
  /** The key, as in `ping.interval`. */
  readonly path?: string | undefined
  readonly message: string
}

/** `wardline.yaml:12: ping.interval: expected a duration such as 30s, got "30 sec"` */
export function formatProblem({ file, line, device, path, message }: Problem): string {
  const parts = [line === undefined ? file : `${file}:${line}`]
  if (device !== undefined) parts.push(`device ${device}`)
  if (path !== undefined && path !== '') parts.push(path)
  return [...parts, message].join(': ')
}

/** The configuration or the inventory can't be used; its message is one line for each problem. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[]
  /** `missing`: there is no configuration file at all. */
  readonly reason: 'missing' | 'invalid'

  constructor(
    problems: readonly Problem[],
    { reason = 'invalid', ...options }: ErrorOptions & { reason?: 'missing' | 'invalid' } = {},
  ) {
    super(problems.map(formatProblem).join('\n'), options)
    this.name = 'ConfigError'
    this.problems = problems
    this.reason = reason
  }

  /** The problems alone: what an operator needs, without a stack. */
  override toString(): string {
    return this.message
  }
}
