/** A calendar of openings, in pieces that can be drawn. Days are those of the viewer's zone. Nothing here touches the document. */

/** Midnight of the day that begins the week of `at` (Monday). */
export function weekStart(at) {
  const day = new Date(at)
  day.setHours(0, 0, 0, 0)
  day.setDate(day.getDate() - ((day.getDay() + 6) % 7))
  return day
}

export function addDays(day, count) {
  const next = new Date(day)
  next.setDate(next.getDate() + count)
  return next
}

/** The days that a week or a month is drawn with: whole weeks of seven. `at` is a day in it. */
export function daysOf(mode, at) {
  const first =
    mode === 'week' ? weekStart(at) : weekStart(new Date(at.getFullYear(), at.getMonth(), 1))
  const weeks =
    mode === 'week' ? 1 : weeksUntil(first, new Date(at.getFullYear(), at.getMonth() + 1, 1))
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (_day, day) => addDays(first, week * 7 + day)),
  )
}

const weeksUntil = (first, end) => Math.ceil(Math.round((end - first) / 86_400_000) / 7)

/** The same day of the next or previous week or month. */
export function moved(mode, at, by) {
  return mode === 'week' ? addDays(at, 7 * by) : new Date(at.getFullYear(), at.getMonth() + by, 1)
}

/**
 * The openings that touch a week as bars: `{opening, from, to, lane, isBegun, isOver}`, `from` and `to` the numbers of its
 * first and last day (0 to 6). Bars that share a day have lanes of their own.
 */
export function barsOf(openings, week) {
  const start = week[0].getTime()
  const end = addDays(week[6], 1).getTime()
  const ends = []
  return openings
    .map((opening) => ({
      opening,
      begins: Date.parse(opening.from),
      finishes: Date.parse(opening.until),
    }))
    .filter(({ begins, finishes }) => begins < end && finishes > start)
    .sort((one, other) => one.begins - other.begins || other.finishes - one.finishes)
    .map(({ opening, begins, finishes }) => {
      const from = Math.max(
        0,
        week.findLastIndex((day) => day.getTime() <= begins),
      )
      // What ends at midnight isn't of the day that begins then.
      const to = week.findLastIndex((day) => day.getTime() < finishes)
      let lane = ends.findIndex((last) => last < from)
      if (lane === -1) lane = ends.length
      ends[lane] = to
      return { opening, from, to, lane, isBegun: begins < start, isOver: finishes > end }
    })
}

/** The openings of one day as blocks: `top` and `height` as shares of it, beside one another where they overlap. */
export function blocksOf(openings, day) {
  const start = day.getTime()
  const end = addDays(day, 1).getTime()
  const length = end - start
  const ends = []
  const blocks = openings
    .map((opening) => ({
      opening,
      begins: Math.max(start, Date.parse(opening.from)),
      finishes: Math.min(end, Date.parse(opening.until)),
    }))
    .filter(({ begins, finishes }) => finishes > begins)
    .sort((one, other) => one.begins - other.begins)
    .map(({ opening, begins, finishes }) => {
      let column = ends.findIndex((last) => last <= begins)
      if (column === -1) column = ends.length
      ends[column] = finishes
      return {
        opening,
        top: (begins - start) / length,
        height: (finishes - begins) / length,
        column,
      }
    })
  return blocks.map((block) => ({ ...block, columns: Math.max(1, ends.length) }))
}
