import { openStores } from '../../../lib/embedded/stores.ts'
import { createLog } from '../../../lib/log.ts'

// What `wardline up` does with its stores, and nothing else: a process for the tests to end in every way.
const [dataDir = '', listen = ''] = process.argv.slice(2)
const end = new AbortController()
process.once('SIGTERM', () => end.abort())

await using stores = await openStores(
  { data_dir: dataDir, victoriametrics: { listen, retention: '13' }, redis: {} },
  createLog('silent'),
  end.signal,
)
console.log(JSON.stringify(stores.pids()))
const alive = setInterval(() => {}, 1_000)
await new Promise((resolve) => end.signal.addEventListener('abort', resolve))
clearInterval(alive)
