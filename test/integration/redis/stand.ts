import { afterEach, beforeEach } from 'vitest'
import { type RecordedLog, recordLog } from '../../fakes/log.ts'
import { type Directory, directoryWith } from '../inventory/files.ts'
import { type Server, connected, startServer } from './server.ts'

/** What a test has to itself. */
export type Stand = {
  readonly server: Server
  /** For a `data_dir`. */
  readonly directory: Directory
  readonly recorded: RecordedLog
  /** Another connection to `server`, as a service of its own has it. */
  connect(): ReturnType<typeof connected>
  /** Ends it after the test, the last one first. */
  use<T extends Disposable | AsyncDisposable>(opened: T): T
}

/** A Redis of its own for each test of the file that calls this. */
export function standForEach(): Stand {
  let opened: AsyncDisposableStack
  let parts: Pick<Stand, 'server' | 'directory' | 'recorded'>

  beforeEach(async () => {
    opened = new AsyncDisposableStack()
    parts = {
      server: opened.use(await startServer()),
      directory: opened.use(await directoryWith({})),
      recorded: recordLog(),
    }
  })
  afterEach(() => opened.disposeAsync())

  return {
    get server() {
      return parts.server
    },
    get directory() {
      return parts.directory
    },
    get recorded() {
      return parts.recorded
    },
    connect: async () => opened.use(await connected(parts.server.url)),
    use: (another) => opened.use(another),
  }
}
