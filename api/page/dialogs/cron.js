/** Recurring times as people say them, and as cron says them. Nothing here touches the document. */

/** `{every: 'day' | 'week' | 'month', time: 'HH:MM', weekdays: [0…6], day: 1…31}` as `minute hour day * weekdays`. */
export function cronOf({ every, time, weekdays, day }) {
  const [hour, minute] = time.split(':').map(Number)
  if (every === 'week') return `${minute} ${hour} * * ${weekdaysText(weekdays)}`
  if (every === 'month') return `${minute} ${hour} ${day} * *`
  return `${minute} ${hour} * * *`
}

const weekdaysText = (weekdays) => [...weekdays].sort((a, b) => a - b).join(',')

/** What `cronOf` would have made it of; null for what says more than that. */
export function readSimple(cron) {
  const [minute, hour, day, month, weekday, more] = cron.trim().split(/\s+/)
  if (more !== undefined || month !== '*' || !isNumber(minute, 59) || !isNumber(hour, 23))
    return null
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  if (day === '*' && weekday === '*') return { every: 'day', time, weekdays: [], day: 1 }
  if (weekday === '*' && isNumber(day, 31) && Number(day) > 0)
    return { every: 'month', time, weekdays: [], day: Number(day) }
  const days = weekday?.split(',') ?? []
  if (day !== '*' || days.length === 0 || !days.every((each) => isNumber(each, 7))) return null
  return {
    every: 'week',
    time,
    weekdays: [...new Set(days.map((each) => Number(each) % 7))],
    day: 1,
  }
}

const isNumber = (word, most) => /^\d{1,2}$/.test(word ?? '') && Number(word) <= most
