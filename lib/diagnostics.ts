import { z } from 'zod'

/** What can be asked of one device of the inventory, by hand. Nothing of it is stored as monitoring's. */
export const DIAGNOSTICS = ['ping', 'traceroute', 'snmp'] as const
export type DiagnosticKind = (typeof DIAGNOSTICS)[number]

/** What is said while it runs, one after the other, as a line of JSON each; the last one says that it is done. */
export const diagnosticEventSchema = z.union([
  z.strictObject({
    /** For people. */
    line: z.string(),
  }),
  z.strictObject({
    done: z.literal(true),
    /** Whether the device answered, to all that was asked. */
    ok: z.boolean(),
    seconds: z.number().min(0),
    /** What it came to, in a sentence. */
    summary: z.string(),
  }),
])

export type DiagnosticEvent = z.output<typeof diagnosticEventSchema>

/** The end, as whoever makes the lines tells it. */
export type Outcome = { readonly ok: boolean; readonly summary: string }

export const NDJSON = 'application/x-ndjson'

/** Longer than this none takes. */
export const DIAGNOSTIC_DEADLINE_MS = 60_000
