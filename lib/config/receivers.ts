import { z } from 'zod'
import { duration } from '../duration.ts'
import { flag, requiredText, whole } from './fields.ts'
import { RECEIVER_KINDS, type KindConfig, type ReceiverKind } from './receiver-kinds.ts'

export type { HttpConfig, KindConfig, ReceiverKind, TlsConfig } from './receiver-kinds.ts'

const KINDS = Object.keys(RECEIVER_KINDS) as ReceiverKind[]

const timeZone = z.string({ error: 'expected the name of a time zone' }).refine(isTimeZone, {
  error: 'expected the name of a time zone, such as Asia/Tbilisi',
})

const templatesSchema = z.strictObject({
  title: z.string({ error: 'expected a template' }).optional().describe('One line; the subject'),
  text: z.string({ error: 'expected a template' }).optional().describe('All that is below it'),
})

/** Who is told, and how: one kind of receiver each. */
export const receiverSchema = z
  .strictObject({
    name: requiredText('a name'),
    ...RECEIVER_KINDS,
    send_resolved: flag.default(true),
    send_updates: flag
      .optional()
      .describe('Tells that a told problem grew; left out: where the message can be edited'),
    group_by: z
      .array(z.string())
      .optional()
      .describe('Alerts that share these labels are told in one message; "..." is all labels'),
    repeat_interval: duration({ min: '1m' }).optional().describe('Tells a lasting problem again'),
    retry_for: duration({ min: '1s' })
      .prefault('1d')
      .describe('How long a failing message is tried'),
    max_alerts: whole(0, 100_000).default(0).describe('The most alerts of one message; 0: all'),
    time_zone: timeZone.default('UTC').describe('Of the times in messages that people read'),
    templates: templatesSchema
      .prefault({})
      .describe('Go templates for messages that people read, in place of the built-in texts'),
  })
  .superRefine((receiver, context) => {
    const given = KINDS.filter((kind) => receiver[kind] !== undefined)
    // A kind that is misspelt is told already.
    if (given.length === 1 || context.issues.length > 0) return
    const message =
      given.length === 0
        ? `expected one of ${KINDS.join(', ')}: how ${receiver.name} is told`
        : `expected one kind for each receiver, got ${given.join(' and ')}: give each a name of its own`
    context.addIssue({ code: 'custom', message })
  })

export type ReceiverConfig = z.output<typeof receiverSchema>

/** The kind that a receiver is of, with its settings. */
export type ChosenKind = { [K in ReceiverKind]: { kind: K; settings: KindConfig<K> } }[ReceiverKind]

export function kindOf(receiver: ReceiverConfig): ChosenKind {
  const kind = KINDS.find((each) => receiver[each] !== undefined)
  if (kind === undefined)
    throw new Error(`${receiver.name} has no kind: the schema allows none such`)
  return { kind, settings: receiver[kind] } as ChosenKind
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
