import { readFile } from 'node:fs/promises'
import { ConfigError } from './problem.ts'

/** The text of a file in UTF-8, or UTF-16 as Excel's "Unicode text", without its byte order mark. */
export async function readText(file: string): Promise<string> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw new ConfigError([{ file, message: readFailure(error) }], { cause: error })
  }
  return decodeText(file, bytes)
}

/** Why a file can't be read, for people: the words after its name. */
export function readFailure(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return FAILURES[code] ?? `can't be read: ${message}`
}

const DENIED = 'permission denied: make it readable for the user that runs wardline'
const FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: DENIED,
  EPERM: DENIED,
  EISDIR: 'expected a file, got a directory',
}

export function decodeText(file: string, bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (error) {
    const line = lineOfBadByte(bytes)
    const how = file.endsWith('.csv') ? ' (in a spreadsheet: "CSV UTF-8")' : ''
    const message = `not valid UTF-8: save it again as UTF-8${how}, or names would be garbled`
    throw new ConfigError([{ file, line, message }], { cause: error })
  }
}

/** The line of the first byte that isn't UTF-8: the replacement character is where the lenient decoder put it. */
function lineOfBadByte(bytes: Uint8Array): number | undefined {
  const lenient = new TextDecoder('utf-8').decode(bytes)
  const at = lenient.indexOf('\ufffd')
  return at < 0 ? undefined : lenient.slice(0, at).split('\n').length
}
