import { text } from './texts.js'

/** Words of the API's answers in the language of the page. What it doesn't know is shown as it is. */

const wordOf = (prefix, known) => (word) =>
  known.includes(word) ? text(`${prefix}.${word}`) : word

/** Rules may name severities of their own. */
export const severityWord = wordOf('alerts.severity', ['critical', 'warning', 'info'])

/** How an attempt to tell a receiver ended. */
export const resultWord = wordOf('told', ['accepted', 'failed', 'given_up'])
