/**
 * Characters that nobody sees but that make one text look like another, or turn round what stands after them: zero-width ones,
 * and the controls of writing direction (Unicode TR36 and TR9).
 */
const UNSEEN = /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u

/** Those of them that reorder a whole text; the others have their place in prose, as in Persian and in emoji. */
const REORDERING = /[\u202a-\u202e\u2066-\u2069]/u

/** `U+202E` for the first such character of a name or an id; null where it has none. */
export const unseenIn = (text: string): string | null => codeOf(UNSEEN.exec(text))

/** The same for prose. */
export const reorderingIn = (text: string): string | null => codeOf(REORDERING.exec(text))

function codeOf(found: RegExpExecArray | null): string | null {
  const code = found?.[0].codePointAt(0)
  return code === undefined ? null : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/** Said of prose that is refused. */
export const REORDERING_REFUSED =
  'expected a text without characters that change the direction of writing (U+202A to U+202E, U+2066 to U+2069)'
