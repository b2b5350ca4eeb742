import { z } from '@hono/zod-openapi'
import { deviceSchema as inventorySchema } from '../../lib/config/schema.ts'
import { OPERATIONS } from '../../lib/inventory/edits/operation.ts'
import { EDIT_KINDS } from '../../lib/inventory/edits/edit.ts'
import { REORDERING_REFUSED, reorderingIn } from '../../lib/invisible.ts'
import { MOST_NOTE_CHARACTERS } from '../../lib/inventory/edits/notes.ts'
import { ORIGINS, time } from '../schemas.ts'

// What goes in is checked by the schemas of the inventory, which name every key that is wrong and the nearest that
// would be right; here it is described from them.

type Described = { readonly properties?: object; readonly required?: readonly string[] }
const { properties = {} } = z.toJSONSchema(inventorySchema, { io: 'input' }) as Described

const asObject = (known: object, required: readonly string[]) => ({
  type: 'object' as const,
  properties: known as Record<string, never>,
  required: [...required],
  additionalProperties: false,
})

const fields = z.record(z.string(), z.unknown())

export const deviceBody = z
  .unknown()
  .openapi('DeviceDefinition', asObject(properties, ['id', 'address']))

export const patchBody = z.unknown().openapi('DevicePatch', {
  ...asObject(properties, []),
  description:
    'The keys that change. `null` takes back what was said of a key, so that the file, the profile or the defaults ' +
    'say it again; of `ping` and `snmp` key by key.',
})

const item = asObject({ op: { type: 'string', enum: [...OPERATIONS] }, ...properties }, [
  'op',
  'id',
])

export const bulkBody = z.unknown().openapi('DeviceOperations', {
  type: 'array',
  items: item,
  description: 'Done all together or not at all; each device at most once',
})

export const csvBody = z.string().openapi({
  description:
    'As an inventory file: a line of column names, then one device a line. Each is created, or with ' +
    '`existing=change` changed where there is one of this id.',
})

const noticeSchema = z.strictObject({
  field: z.string().nullable(),
  effect: z
    .enum(['left-out', 'set-aside', 'waiting', 'doubled'])
    .describe(
      '`left-out`: this field is not in force; `set-aside`: nothing of what the API says is; `waiting`: no file has ' +
        'the device any more; `doubled`: a file has it, too, and the API wins',
    ),
  message: z.string(),
})

export const definitionSchema = z
  .strictObject({
    id: z.string(),
    version: z.string().describe('For `If-Match`; it is the ETag, too'),
    origin: z.enum(ORIGINS).nullable().describe('Null when there is no such device now'),
    device: fields.nullable().describe('As it is in force, with everything filled in'),
    file: fields.nullable().describe('As files alone would have it; null: no file has it'),
    said: z
      .strictObject({
        kind: z
          .enum(EDIT_KINDS)
          .describe(
            '`added`: all of it; `changed`: these fields; `deleted`: whatever files say; `removed`: added once, and deleted',
          ),
        fields,
        at: time,
        by: z.string(),
      })
      .nullable()
      .describe('What the API says of it'),
    notices: z.array(noticeSchema).describe("Where that and the files can't both hold"),
  })
  .openapi('DeviceEdit')

export const lookSchema = z.strictObject({
  kind: z.string(),
  line: z.int().nullable(),
  device: z.string().nullable(),
  field: z.string().nullable(),
  message: z.string(),
})

export const createdSchema = definitionSchema.extend({
  look: z.array(lookSchema).describe('What is allowed but worth a look, such as a shared address'),
})

export const problemItemSchema = z.strictObject({
  index: z.int().nullable().describe('Of the item, from 0; null where it is about the whole'),
  line: z.int().nullable().describe('In a CSV'),
  device: z.string().nullable(),
  field: z.string().nullable(),
  reason: z.enum(['invalid', 'conflict', 'not-found', 'forbidden']),
  message: z.string(),
  other: z.string().nullable().describe('The device that is in the way'),
})

export const planSchema = z
  .strictObject({
    dry_run: z.boolean(),
    applied: z.boolean(),
    items: z.array(
      z.strictObject({
        index: z.int(),
        line: z.int().nullable(),
        op: z.enum(OPERATIONS),
        id: z.string(),
        changes: z.record(z.string(), z.strictObject({ before: z.unknown(), after: z.unknown() })),
      }),
    ),
    problems: z.array(problemItemSchema).describe('Any of them: nothing is done'),
    look: z.array(lookSchema),
  })
  .openapi('DevicePlan')

export const noteBody = z.strictObject({
  text: z
    .string()
    .max(MOST_NOTE_CHARACTERS, { error: `expected at most ${MOST_NOTE_CHARACTERS} characters` })
    .refine((text) => reorderingIn(text) === null, { error: REORDERING_REFUSED })
    .describe('Empty: there is none any more'),
})

export const noteSchema = z
  .strictObject({ text: z.string(), updated_at: time, updated_by: z.string() })
  .nullable()

export type DefinitionJson = z.output<typeof definitionSchema>
export type LookJson = z.output<typeof lookSchema>
export type ProblemItemJson = z.output<typeof problemItemSchema>
export type PlanJson = z.output<typeof planSchema>
