import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { StartError } from './start-error.ts'

/** Makes a directory of wardline's own data and checks that it can be written to; rejects with StartError otherwise. */
export async function makeDataDir(
  path: string,
  { key = 'data_dir', mode }: { key?: string; mode?: number } = {},
): Promise<void> {
  try {
    await mkdir(path, { recursive: true, ...(mode !== undefined && { mode }) })
    await access(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw dataDirError(path, error, key)
  }
}

/** What a failure to write to `path` means for a person. `key` is what says where the data goes. */
export function dataDirError(path: string, error: unknown, key = 'data_dir'): StartError {
  const { code = '', message } = error as NodeJS.ErrnoException
  const why = FAILURES[code] ?? `can't be written to (${message}): set ${KEY} to another directory`
  return new StartError(`${key}: ${path}: ${why.replace(KEY, key)}`, { cause: error })
}

const KEY = '<key>'
const DENIED = `permission denied: make it writable for the user that runs wardline, or set ${KEY} to a directory that is`
const NO_DIRECTORY = `a part of this path is a file, not a directory: set ${KEY} to a directory`
const FAILURES: Readonly<Record<string, string>> = {
  EACCES: DENIED,
  EPERM: DENIED,
  EEXIST: NO_DIRECTORY,
  ENOTDIR: NO_DIRECTORY,
  EROFS: `the file system is read-only: set ${KEY} to a directory on one that can be written to`,
  ENOSPC: `no space is left there: free some, or set ${KEY} to a directory on another disk`,
}
