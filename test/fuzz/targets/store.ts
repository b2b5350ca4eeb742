import fc from 'fast-check'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { parsePingSamples } from '../../../alerting/availability/samples.ts'
import { parseEntry } from '../../../alerting/notify/log-entry.ts'
import { linesOf, readSeries } from '../../../lib/export-series.ts'
import { inSlices } from '../../../lib/slices.ts'
import { createVectorReader } from '../../../lib/vector.ts'
import { VictoriaMetricsError, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { mutatedText } from '../mutate.ts'
import { must, target } from '../target.ts'

const VECTOR =
  '{"status":"success","isPartial":false,"data":{"resultType":"vector","result":[{"metric":{"__name__":"ping_up","device":"a\\"}]"},"value":[1774749723.5,"1"]},{"metric":{"device":"ქ"},"value":[1774749723,"-Inf"]}]},"stats":{"seriesFetched": "2"}}'
const MATRIX =
  '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"device":"a"},"values":[[1774749720,"1"],[1774749730,"NaN"]]}]}}'
const CSV = '1774749720000,1,hq,a\n1774749730000,0,hq,"b, \\"c\\""\n1774749730000,0,hq,a\n'
const EXPORT =
  '{"metric":{"__name__":"ping_up","device":"a"},"values":[1,1,null,0],"timestamps":[1774749720000,1774749730000,1774749740000,1774749750000]}\n'
const METRICS = 'vm_app_start_timestamp 1774749723\nvm_data_size_bytes{type="storage/small"} 7\n'

const readVector = createVectorReader()

export const vector = target({
  name: 'promql-vector',
  inputs: mutatedText([VECTOR, MATRIX]),
  async read(given) {
    const read = await inSlices(readVector(given))
    for (const { value, at } of read?.vector ?? [])
      must(typeof value === 'number' && typeof at === 'number', 'numbers')
    return read !== null
  },
})

export const pingSamples = target({
  name: 'export-csv',
  inputs: mutatedText([CSV, CSV.replaceAll('hq,', '')]),
  read(given) {
    const both = [parsePingSamples(given), parsePingSamples(given, true)]
    for (const samples of both[0]?.values() ?? [])
      must(
        samples.every(({ at }, i) => i === 0 || !(at < (samples[i - 1]?.at ?? at))),
        'samples in their order',
      )
    return both.some((samples) => samples.size > 0)
  },
})

export const exported = target({
  name: 'export-lines',
  inputs: mutatedText([EXPORT, EXPORT.repeat(3)]),
  async read(given) {
    const bytes = Buffer.from(given)
    let taken = false
    for await (const line of linesOf(inParts(bytes))) {
      const series = seriesOf(line)
      if (series === null) continue
      taken = true
      const runs = series.runs()
      for (let i = 0; i < Math.min(series.count, 100); i++) series.stampAt(i)
      must(
        runs.every(({ count }) => count > 0),
        'runs of something',
      )
    }
    return taken
  },
})

/** A line that isn't one is told by an error; what kind doesn't matter, its reader makes one of its own of it. */
function seriesOf(line: Buffer) {
  try {
    return readSeries(line)
  } catch (error) {
    must(error instanceof Error, 'an error')
    return null
  }
}

async function* inParts(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const half = bytes.length >> 1
  yield bytes.subarray(0, half)
  yield bytes.subarray(half)
}

const ENTRY =
  '{"groupLabels":{"alertname":"DeviceDown"},"told":[{"key":"k","startsAt":1,"labels":{},"annotations":{}}],"pending":{"at":1,"alerts":[{"key":"k"}],"reason":"first notification"},"ended":[]}'

export const logEntry = target({
  name: 'notification-log',
  inputs: mutatedText([ENTRY]),
  read(given) {
    try {
      parseEntry(given, '{}:{}')
      return true
    } catch (error) {
      // What Redis holds was written by wardline; an entry that isn't one is told of and left.
      must(error instanceof Error, 'an error')
      return false
    }
  },
})

const answer = fc.record({
  status: fc.oneof(
    { weight: 6, arbitrary: fc.constant(200) },
    fc.constantFrom(204, 301, 302, 400, 401, 404, 422, 429, 500, 503),
  ),
  body: mutatedText([VECTOR, MATRIX, CSV, EXPORT, METRICS]),
  isZipped: fc.boolean(),
  type: fc.constantFrom('application/json', 'text/html', 'text/csv'),
})

/** A server that answers what it is told to. */
async function startServer() {
  const server = createServer((request, response) => {
    request.resume()
    const { status, body, isZipped, type } = server.answer
    response.writeHead(status, {
      'content-type': type,
      location: 'http://169.254.169.254/',
      ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
    })
    response.end(isZipped ? gzipSync(body) : body)
  }) as ReturnType<typeof createServer> & {
    answer: typeof answer extends fc.Arbitrary<infer T> ? T : never
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { server, victoriaMetrics: connectVictoriaMetrics(`http://127.0.0.1:${port}`) }
}

let started: ReturnType<typeof startServer> | null = null

export const answers = target({
  name: 'victoriametrics-answer',
  inputs: fc.record({
    answer,
    call: fc.constantFrom('query', 'range', 'csv', 'series', 'started'),
  }),
  refusals: [VictoriaMetricsError],
  async read({ answer: given, call }) {
    started ??= startServer()
    const { server, victoriaMetrics } = await started
    server.answer = given
    const range = { start: 1_774_749_000_000, end: 1_774_750_000_000 }
    switch (call) {
      case 'query':
        for (const { labels } of await victoriaMetrics.query('up'))
          must(typeof labels === 'object', 'labels')
        return true
      case 'range':
        for (const { points } of await victoriaMetrics.queryRange('up', {
          ...range,
          stepMs: 1_000,
        }))
          must(Array.isArray(points), 'points')
        return true
      case 'csv':
        must(typeof (await victoriaMetrics.exportCsv('up', ['a'], range)) === 'string', 'a text')
        return true
      case 'series':
        await victoriaMetrics.exportSeries('up', range, () => {})
        return true
      case 'started':
        return !Number.isNaN(await victoriaMetrics.startedAt())
    }
  },
  async end() {
    const running = await started
    started = null
    await running?.victoriaMetrics[Symbol.asyncDispose]()
    running?.server.closeAllConnections()
    running?.server.close()
  },
})
