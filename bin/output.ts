/** Where the lines go; a problem goes to `error`, the rest to `print`. */
export type Output = { print(line: string): void; error(line: string): void }

export const streams: Output = {
  print: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
}
