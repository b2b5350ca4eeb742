import type { DiagnosticKind } from '../../lib/diagnostics.ts'
import type { Redis } from '../../lib/redis.ts'

const AUDIT = 'wardline:audit'
const MOST_ENTRIES = 50_000

/** Who probed what by hand, in the log of all that people do. Rejects while Redis is away. */
export async function recordDiagnosis(
  redis: Redis,
  entry: { at: number; who: string; kind: DiagnosticKind; device: string },
): Promise<void> {
  const { at, who, kind, device } = entry
  const fields = {
    at: String(at),
    who,
    what: `diagnostics ${kind}`,
    id: device,
    before: '',
    after: '',
  }
  await redis.xadd(AUDIT, 'MAXLEN', '~', MOST_ENTRIES, '*', ...Object.entries(fields).flat())
}
