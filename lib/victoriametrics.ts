import { readText } from './bounded-body.ts'
import { collectBlocks } from './export-blocks.ts'
import { type ExportedSeries, linesOf, readSeries } from './export-series.ts'
import type { Labels } from './labels.ts'
import { resultOf } from './query-result.ts'
import { openRenewablePool } from './renewable-pool.ts'
import { inSlices } from './slices.ts'
import { takeCredentials } from './url-credentials.ts'
import { type Vector, createVectorReader, numberOf } from './vector.ts'
import {
  type Reply,
  VictoriaMetricsError,
  isNotOffered,
  reasonOf,
} from './victoriametrics-error.ts'

export type { Point, Vector } from './vector.ts'
export { type FailureReason, VictoriaMetricsError, isAway } from './victoriametrics-error.ts'

/** An instant query's result, and what is said of it. */
export type Answer = {
  readonly vector: Vector
  /** Whether parts of a cluster didn't answer. */
  readonly isPartial: boolean
  /** How many series were looked at; null where it isn't told. */
  readonly seriesFetched: number | null
}
/** One series of a range query: `[Unix milliseconds, value]` pairs. */
export type Range = {
  readonly labels: Labels
  readonly points: readonly (readonly [number, number])[]
}

export type QueryOptions = {
  /** The evaluation instant; now when left out. */
  readonly at?: number
  readonly signal?: AbortSignal
  /** Bound of the whole exchange, 30 s unless told. */
  readonly timeoutMs?: number
}

export type RuleQueryOptions = QueryOptions & {
  /** Further parameters and headers, as a rule group has them. */
  readonly params?: Readonly<Record<string, readonly string[]>>
  readonly headers?: Readonly<Record<string, string>>
}

/** What a service asks of VictoriaMetrics; the one door to it. Every call rejects with VictoriaMetricsError. */
export type VictoriaMetrics = AsyncDisposable & {
  /** Without the credentials that it may have come with. */
  readonly url: string
  /** An instant query over raw, uncached data. Write every window out: a bare selector looks back 5 minutes. */
  query(expr: string, options?: QueryOptions): Promise<Vector>
  /** The same with what is said of the result. */
  ask(expr: string, options?: RuleQueryOptions): Promise<Answer>
  queryRange(
    expr: string,
    range: { start: number; end: number; stepMs: number },
    options?: RuleQueryOptions,
  ): Promise<Range[]>
  /** Raw samples as CSV rows of the named columns (`device`, `__value__`, `__timestamp__:unix_ms`). */
  exportCsv(
    match: string,
    columns: readonly string[],
    range: { start: number; end: number },
    options?: QueryOptions,
  ): Promise<string>
  /** Raw samples, series by series, each whole and oldest first. They are held as the bytes that they come in, all at once. */
  exportSeries(
    match: string,
    range: { start: number; end: number },
    each: (series: ExportedSeries) => void,
    options?: QueryOptions,
  ): Promise<void>
  /** Makes pushed samples searchable now rather than in 1 to 5 s. False where it isn't offered (a cluster). */
  flush(signal?: AbortSignal): Promise<boolean>
  /** Stores lines of line protocol with millisecond stamps. */
  writeLines(body: string | Uint8Array, options?: WriteOptions): Promise<void>
  /** Stores a snappy-compressed remote-write request: the one way to write stale markers. */
  remoteWrite(body: Uint8Array, options?: Bounds): Promise<void>
  /**
   * `vm_app_start_timestamp`, seconds: changed means restarted, and its last seconds in memory may be lost. NaN where
   * it isn't told: behind vmauth and before a cluster it would be that of something else, which holds no samples.
   */
  startedAt(options?: Bounds): Promise<number>
  /** The second that it has by its own clock, Unix milliseconds; null where it isn't told. */
  date(signal?: AbortSignal): Promise<number | null>
  /** True when it answers `/health`. */
  healthy(timeoutMs?: number): Promise<boolean>
  /** One more client of the same VictoriaMetrics: what waits for this one's connections doesn't hold up the other's. */
  separate(connections: number): VictoriaMetrics
  /**
   * What is asked from now on goes over new connections; what is under way ends over those that it has. The moment for it is
   * a time-out: a line that was cut without a word leaves connections behind that nobody answers on.
   */
  renew(): void
  /** Calls back when a connection broke: the moment to ask for `startedAt`. */
  onDisconnect(listener: () => void): void
}

/** `timeoutMs` is that of the whole exchange. */
export type Bounds = { readonly timeoutMs?: number; readonly signal?: AbortSignal }
export type WriteOptions = Bounds & { readonly gzip?: boolean }

/** User info in the address is sent as a Basic header, and shown nowhere. */
export function connectVictoriaMetrics(
  address: string,
  { connections = 8 }: { connections?: number } = {},
): VictoriaMetrics {
  const { url, authorization } = takeCredentials(address)
  const base = new URL(url)
  const readVector = createVectorReader()
  const prefix = base.pathname.replace(/\/+$/, '')
  const pool = openRenewablePool(base.origin, {
    connections,
    // VictoriaMetrics closes what was idle for a minute: a request must not meet that.
    keepAliveTimeout: 30_000,
    connect: { timeout: 3_000 },
  })

  async function request(
    method: 'GET' | 'POST',
    path: string,
    init: {
      body?: string | Uint8Array
      headers?: Record<string, string>
      signal?: AbortSignal
      timeoutMs?: number
      /** Takes the body of a success as it arrives; the reply's text is empty then. */
      read?: (body: AsyncIterable<Uint8Array>) => Promise<void>
    } = {},
  ): Promise<Reply> {
    const timeout = AbortSignal.timeout(init.timeoutMs ?? 30_000)
    const signal = init.signal === undefined ? timeout : AbortSignal.any([init.signal, timeout])
    let reply: Reply
    try {
      const response = await pool.current.request({
        method,
        path: prefix + path,
        body: init.body ?? null,
        headers: { ...init.headers, ...(authorization === undefined ? {} : { authorization }) },
        signal,
      })
      const isRead = init.read !== undefined && response.statusCode < 300
      if (isRead) await init.read?.(response.body)
      const text = isRead ? '' : await readText(response.body)
      const { date } = response.headers
      reply = { status: response.statusCode, text, ...(typeof date === 'string' ? { date } : {}) }
    } catch (error) {
      if (init.signal?.aborted) throw init.signal.reason
      if (timeout.aborted)
        throw new VictoriaMetricsError(`no answer from ${url} in time`, 'timeout', { cause: error })
      throw new VictoriaMetricsError(
        `can't reach VictoriaMetrics at ${url}: ${(error as Error).message}`,
        'unreachable',
        { cause: error },
      )
    }
    if (reply.status < 300) return reply
    const reason = reasonOf(reply)
    const answered = `answered ${reply.status} to ${path.split('?')[0]}: ${reply.text.slice(0, 500)}`
    throw new VictoriaMetricsError(
      reason === 'misconfigured'
        ? `check victoriametrics.url and its credentials: ${url} ${answered}`
        : `VictoriaMetrics ${answered}`,
      reason,
      { status: reply.status },
    )
  }

  async function post(
    path: string,
    form: Record<string, string>,
    { params = {}, headers, ...options }: RuleQueryOptions,
  ): Promise<string> {
    const body = new URLSearchParams(form)
    for (const [name, values] of Object.entries(params)) {
      body.delete(name)
      for (const value of values) body.append(name, value)
    }
    const reply = await request('POST', path, {
      body: body.toString(),
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      ...passed(options),
    })
    return reply.text
  }

  async function ask(expr: string, options: RuleQueryOptions = {}): Promise<Answer> {
    // nocache=1 is the portable way to see the newest 30 s; `time` in ms because the default is cut to seconds.
    const time = ((options.at ?? Date.now()) / 1000).toFixed(3)
    const text = await post('/api/v1/query', { query: expr, time, nocache: '1' }, options)
    const read = await inSlices(readVector(text))
    type Row = { metric: Record<string, string>; value: [number, string] }
    const { result, isPartial, seriesFetched } = resultOf<Row[]>(
      read?.frame ?? text,
      'vector',
      expr,
    )
    const vector = result.map((row) => ({
      labels: row.metric,
      value: numberOf(row.value[1]),
      at: Math.round(row.value[0] * 1000),
    }))
    return { vector: read?.vector ?? vector, isPartial, seriesFetched }
  }

  return {
    url,
    ask,
    query: async (expr, options) => (await ask(expr, options)).vector,
    async queryRange(expr, { start, end, stepMs }, options = {}) {
      type Row = { metric: Record<string, string>; values: [number, string][] }
      const form = {
        query: expr,
        start: (start / 1000).toFixed(3),
        end: (end / 1000).toFixed(3),
        step: `${stepMs}ms`,
        nocache: '1',
      }
      const text = await post('/api/v1/query_range', form, options)
      const { result: rows } = resultOf<Row[]>(text, 'matrix', expr)
      return rows.map((row) => ({
        labels: row.metric,
        points: row.values.map(([at, value]) => [Math.round(at * 1000), Number(value)] as const),
      }))
    },
    async exportCsv(match, columns, { start, end }, options = {}) {
      // An export without reduce_mem_usage hands buffers on that others are still read from: version 1.79 mixes up the
      // values of exports that run beside it, and after it (docs/decisions/0012-exports-in-blocks.md).
      const query = new URLSearchParams({
        'match[]': match,
        format: columns.join(','),
        start: (start / 1000).toFixed(3),
        end: (end / 1000).toFixed(3),
        reduce_mem_usage: '1',
      })
      const { text } = await request('GET', `/api/v1/export/csv?${query}`, passed(options))
      // Newer versions print a header line, older ones don't.
      return text.startsWith(`${columns[0]},`) ? text.slice(text.indexOf('\n') + 1) : text
    },
    async exportSeries(match, { start, end }, each, options = {}) {
      const query = new URLSearchParams({
        'match[]': match,
        start: (start / 1000).toFixed(3),
        end: (end / 1000).toFixed(3),
        reduce_mem_usage: '1',
      })
      const blocks = collectBlocks()
      await request('GET', `/api/v1/export?${query}`, {
        ...passed(options),
        async read(body) {
          for await (const line of linesOf(body)) blocks.add(readSeries(line))
        },
      })
      for (const series of blocks.whole()) each(series)
    },
    async flush(signal) {
      try {
        const bounds = { timeoutMs: 5_000, ...passed({ signal }) }
        await request('GET', '/internal/force_flush', bounds)
        return true
      } catch (error) {
        if (isNotOffered(error)) return false
        throw error
      }
    },
    async writeLines(body, { gzip = false, ...bounds } = {}) {
      await request('POST', '/write?precision=ms', {
        body,
        // stream-mode: a bad line is skipped and counted; without it new versions refuse the whole batch.
        headers: { 'stream-mode': '1', ...(gzip ? { 'content-encoding': 'gzip' } : {}) },
        ...passed(bounds),
      })
    },
    async remoteWrite(body, bounds = {}) {
      await request('POST', '/api/v1/write', {
        body,
        headers: {
          'content-encoding': 'snappy',
          'content-type': 'application/x-protobuf',
          'x-prometheus-remote-write-version': '0.1.0',
        },
        ...passed(bounds),
      })
    },
    async startedAt(bounds = {}) {
      try {
        const { text } = await request('GET', '/metrics', { timeoutMs: 5_000, ...passed(bounds) })
        // By its name alone nobody is known: Debian's builds have none. Who holds samples says how many bytes of them.
        if (!/^vm_data_size_bytes\{type="storage\//m.test(text)) return Number.NaN
        return Number(/^vm_app_start_timestamp (\S+)/m.exec(text)?.[1] ?? Number.NaN)
      } catch (error) {
        if (isNotOffered(error)) return Number.NaN
        throw error
      }
    },
    async date(signal) {
      try {
        const { date } = await request('GET', '/health', {
          timeoutMs: 5_000,
          ...passed({ signal }),
        })
        const at = Date.parse(date ?? '')
        return Number.isNaN(at) ? null : at
      } catch (error) {
        if (isNotOffered(error)) return null
        throw error
      }
    },
    async healthy(timeoutMs = 2_000) {
      try {
        await request('GET', '/health', { timeoutMs })
        return true
      } catch {
        return false
      }
    },
    separate: (count) => connectVictoriaMetrics(address, { connections: count }),
    renew: pool.renew,
    onDisconnect: pool.onDisconnect,
    [Symbol.asyncDispose]: pool.destroy,
  }
}

/** Optional members that are undefined are left out, as exactOptionalPropertyTypes wants them. */
function passed(options: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined }): {
  signal?: AbortSignal
  timeoutMs?: number
} {
  return {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  }
}
