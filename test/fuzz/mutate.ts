import fc, { type Arbitrary } from 'fast-check'

/** A place in what is changed, from 0 to 1, and how much of it is meant. */
type Span = { readonly at: number; readonly length: number }

const span = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 8 }) },
    fc.integer({ min: 1, max: 400 }),
  ),
})

/** A change of something that can be cut and put together. */
type Edit<T> =
  | { readonly kind: 'insert' | 'replace'; readonly span: Span; readonly part: T }
  | { readonly kind: 'cut' | 'repeat' | 'end'; readonly span: Span }

const LENGTHS = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x88, 0xff]
const TAGS = [
  0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0x40, 0x41, 0x42, 0x43, 0x44, 0x46, 0xa0, 0xa2, 0xa4, 0xa7,
  0xa8,
]

const bytesPart: Arbitrary<Buffer> = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 6 }),
    fc.array(fc.constantFrom(...LENGTHS, ...TAGS), { minLength: 1, maxLength: 4 }),
  )
  .map((bytes) => Buffer.from(bytes))

/** What parsers of texts have fallen over. */
const ODD_TEXTS = [
  '',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '\u001b[2J',
  '\ufeff',
  '\u202e',
  '\ud800',
  '\u{1f1ec}\u{1f1ea}',
  'ქ',
  'e\u0301',
  '0',
  '-1',
  '1e309',
  '1e-400',
  '0x10',
  '00',
  '9007199254740993',
  '18446744073709551616',
  'NaN',
  '+Inf',
  '-0',
  '٣',
  'null',
  'true',
  '~',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  '"',
  "'",
  '`',
  '\\',
  '\\u0000',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '{{',
  '}}',
  '{{-',
  '-}}',
  '<',
  '>',
  '&a ',
  '*a',
  '!!js',
  '<<: ',
  '? ',
  '- ',
  ': ',
  '#',
  '|',
  ',',
  ';',
  '=',
  '~=',
  '!~',
  '=~"',
  '${',
  '${HOME}',
  '%',
  '%s',
  '%99999d',
  '*',
  '.*',
  '(a+)+$',
  '\\1',
  '/',
  '../',
  '--- ',
  '...',
  '@',
  '$',
  '$$',
  'x'.repeat(300),
  '['.repeat(200),
  '{a: '.repeat(100),
  '(('.repeat(100),
]

const textPart: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
)

const edits = <T>(part: Arbitrary<T>): Arbitrary<Edit<T>[]> =>
  fc.array(
    fc.oneof(
      fc.record({ kind: fc.constantFrom('insert' as const, 'replace' as const), span, part }),
      fc.record({ kind: fc.constantFrom('cut' as const, 'repeat' as const), span }),
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), span }) },
    ),
    { maxLength: 8 },
  )

/** Good packets, changed in some places; and some that never were any. */
export const mutatedBytes = (good: readonly Buffer[]): Arbitrary<Buffer> =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .tuple(fc.constantFrom(...good), edits(bytesPart))
        .map(([bytes, changes]) => changes.reduce(editBytes, bytes)),
    },
    fc.uint8Array({ maxLength: 1_500 }).map((bytes) => Buffer.from(bytes)),
  )

/** Good texts, changed in some places; and some that never were any. */
export const mutatedText = (good: readonly string[]): Arbitrary<string> =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .tuple(fc.constantFrom(...good), edits(textPart))
        .map(([text, changes]) => changes.reduce(editText, text)),
    },
    fc.string({ maxLength: 300 }),
    fc.array(textPart, { maxLength: 12 }).map((parts) => parts.join('')),
  )

function editBytes(bytes: Buffer, edit: Edit<Buffer>): Buffer {
  const from = Math.floor(edit.span.at * bytes.length)
  const to = Math.min(bytes.length, from + edit.span.length)
  const [head, meant, tail] = [
    bytes.subarray(0, from),
    bytes.subarray(from, to),
    bytes.subarray(to),
  ]
  switch (edit.kind) {
    case 'insert':
      return Buffer.concat([head, edit.part, meant, tail])
    case 'replace':
      // As long as before, so that the lengths around it stay right.
      return Buffer.concat([head, edit.part, bytes.subarray(from + edit.part.length)])
    case 'cut':
      return Buffer.concat([head, tail])
    case 'repeat':
      return Buffer.concat([head, meant, meant, tail])
    case 'end':
      return head
  }
}

function editText(text: string, edit: Edit<string>): string {
  const from = Math.floor(edit.span.at * text.length)
  const to = Math.min(text.length, from + edit.span.length)
  const [head, meant, tail] = [text.slice(0, from), text.slice(from, to), text.slice(to)]
  switch (edit.kind) {
    case 'insert':
      return head + edit.part + meant + tail
    case 'replace':
      return head + edit.part + tail
    case 'cut':
      return head + tail
    case 'repeat':
      return head + meant + meant + tail
    case 'end':
      return head
  }
}
