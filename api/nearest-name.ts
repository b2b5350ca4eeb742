import { nearest } from '../lib/config/nearest.ts'

/** More slips than these, or more than one in four letters, is another name: ids and paths of a fleet are much alike. */
const MOST_SLIPS = 2

/** The name that was meant, where only one or two letters of it were mistyped; null where nothing is as near as that. */
export const nearestName = (name: string, names: Iterable<string>): string | null =>
  nearest(name, names, Math.min(MOST_SLIPS, Math.floor(name.length / 4)))
