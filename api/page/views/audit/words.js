import { duration } from '../../core/format.js'
import { text } from '../../core/texts.js'
import { localTime } from '../../core/time.js'
import { matcherText } from '../../dialogs/matchers.js'

/** What an entry of the log says, in words; and where what it is about is to be seen. Nothing here touches the document. */

/** `silence created`, as the language says it; a word that the page doesn't know stays as it is. */
export function doneText(what) {
  const key = `audit.did.${what.replaceAll(' ', '_')}`
  const words = text(key)
  return words === key ? what : words
}

/** A value of a change: instants and lengths of time as people write them, matchers as they are typed. */
export function valueText(path, value, now) {
  if (Array.isArray(value))
    return value.length === 0 ? '–' : value.map((each) => itemText(each)).join(', ')
  if (value === '') return '–'
  if (typeof value === 'number' && path.endsWith('_seconds')) return duration(value)
  if (typeof value === 'string' && path.endsWith('_at')) return localTime(value, now)
  return String(value)
}

function itemText(value) {
  if (typeof value !== 'object' || value === null) return String(value)
  return typeof value.is_regex === 'boolean' ? matcherText(value) : JSON.stringify(value)
}

/** The name of a leaf: `schedule.duration_seconds` is `schedule duration`. */
export const pathText = (path) => path.replace(/_seconds$/, '').replaceAll(/[._]/g, ' ')

/** `{href, device?, words}` of what an entry is about; `href` is null where nothing of it can be seen. */
export function subjectOf({ what, id, before, after }, now) {
  const [kind] = what.split(' ')
  const last = after ?? before ?? {}
  if (['device', 'note', 'diagnostics'].includes(kind)) return ofDevice(id)
  if (kind === 'acknowledgement') {
    const device = last.labels?.device
    const alert = last.labels?.alertname ?? id
    return device === undefined
      ? { href: null, words: alert }
      : { ...ofDevice(device), prefix: alert }
  }
  if (kind === 'silence') {
    const isOver = Date.parse(last.ends_at) <= now || what.endsWith('expired')
    const query = new URLSearchParams({
      q: last.comment ?? '',
      ...(isOver ? { state: 'expired' } : {}),
    })
    return { href: `/silences?${query}`, words: last.comment || id }
  }
  if (kind === 'window') {
    const name = last.name ?? id
    const isGone = what.endsWith('removed')
    return { href: isGone ? null : `/maintenance?${new URLSearchParams({ q: name })}`, words: name }
  }
  const isOfAccounts = kind === 'user' || kind === 'token'
  return { href: isOfAccounts ? '/account' : null, words: last.name ?? id }
}

const ofDevice = (id) => ({ href: `/devices/${encodeURIComponent(id)}`, device: id, words: id })
