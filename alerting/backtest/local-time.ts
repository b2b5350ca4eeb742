/** The clock of a time zone. */
export type LocalTime = {
  /** `2026-03-29`, `2026-03-29 02` */
  day(at: number): string
  hour(at: number): string
  /** `2026-03-29 02:15:30` */
  second(at: number): string
  /** The day on which the night began that `at` lies in; null by day. */
  night(at: number): string | null
}

/** From 22:00 to 07:00. */
const NIGHT = { from: 22, to: 7 }

export function localTime(timeZone: string): LocalTime {
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const second = (at: number): string => format.format(at)
  const day = (at: number): string => second(at).slice(0, 10)
  return {
    second,
    day,
    hour: (at) => second(at).slice(0, 13),
    night(at) {
      const hour = Number(second(at).slice(11, 13))
      if (hour >= NIGHT.from) return day(at)
      if (hour >= NIGHT.to) return null
      return previous(day(at))
    },
  }
}

function previous(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}
