import type { Batch } from './backlog.ts'

/** One request, and the batches that it is made of. */
export type Request = { readonly request: Batch; readonly batches: readonly Batch[] }

/** Stores what it can in few requests, and each batch by itself where a request is refused; the samples stored. */
export async function storeTogether(
  batches: readonly Batch[],
  isStored: (batch: Batch, tried?: boolean) => Promise<boolean>,
): Promise<number> {
  let samples = 0
  for (const { request, batches: parts } of requestsOf(batches)) {
    if (parts.length > 1 && (await isStored(request, true))) {
      samples += request.samples
      continue
    }
    for (const part of parts) if (await isStored(part)) samples += part.samples
  }
  return samples
}

/** Neighbours that are lines go in one request: many small ones cost far more. */
export function requestsOf(batches: readonly Batch[]): Request[] {
  const requests: Request[] = []
  let lines: Batch[] = []
  const flush = (): void => {
    if (lines.length > 0) requests.push({ request: joined(lines), batches: lines })
    lines = []
  }
  for (const batch of batches) {
    if (batch.kind === 'lines') {
      lines.push(batch)
      continue
    }
    flush()
    requests.push({ request: batch, batches: [batch] })
  }
  flush()
  return requests
}

const LINE_FEED = Buffer.from('\n')

function joined(batches: readonly Batch[]): Batch {
  const [first] = batches
  if (first !== undefined && batches.length === 1) return first
  const parts = batches.flatMap(({ body }) => (body.at(-1) === 0x0a ? [body] : [body, LINE_FEED]))
  return {
    kind: 'lines',
    body: Buffer.concat(parts),
    samples: batches.reduce((sum, { samples }) => sum + samples, 0),
    from: Math.min(...batches.map(({ from }) => from)),
  }
}
