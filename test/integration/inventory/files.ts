import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A directory with these files in it, by their names; gone at the end of its scope. */
export type Directory = AsyncDisposable & {
  readonly path: string
  write(name: string, text: string | Uint8Array): Promise<string>
  of(name: string): string
}

export async function directoryWith(
  files: Record<string, string | Uint8Array>,
): Promise<Directory> {
  const path = await mkdtemp(join(tmpdir(), 'wardline-'))
  const directory: Directory = {
    path,
    of: (name) => join(path, name),
    async write(name, text) {
      const file = join(path, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text)
      return file
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true })
    },
  }
  for (const [name, text] of Object.entries(files)) await directory.write(name, text)
  return directory
}
