import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { card } from './card.js'
import { linesOf } from './lines.js'
import { problemText } from './poll.js'

/** Probing by hand: what the collector says comes line by line. Nothing of it is kept as history. */

const KINDS = ['ping', 'traceroute', 'snmp']

export function createDiagnostics(app, id) {
  const output = h('pre', {
    class: 'console',
    role: 'log',
    tabindex: '0',
    'aria-label': text('diagnose.output'),
    hidden: true,
  })
  const result = h('p', { class: 'diagnose-result', role: 'status' })
  const stop = h(
    'button',
    { type: 'button', class: 'button', hidden: true, onclick: () => running?.abort() },
    text('diagnose.stop'),
  )
  const buttons = KINDS.map((kind) =>
    h(
      'button',
      { type: 'button', class: 'button', 'data-kind': kind, onclick: () => run(kind) },
      text(`diagnose.${kind}`),
    ),
  )
  const element = card(
    text('diagnose.title'),
    { kind: 'diagnose' },
    h('div', { class: 'row' }, ...buttons, stop),
    output,
    result,
    h('p', { class: 'muted' }, text('diagnose.note')),
  )
  let running = null

  async function run(kind) {
    running?.abort()
    const mine = new AbortController()
    running = mine
    output.replaceChildren()
    output.hidden = false
    say('')
    setBusy(true)
    try {
      const path = `/api/v1/devices/${encodeURIComponent(id)}/diagnostics/${kind}`
      const response = await app.api.send('POST', path, {}, { signal: mine.signal })
      for await (const event of linesOf(response.body)) {
        if (event.done) say(`${event.ok ? '✓' : '✗'} ${event.summary}`, event.ok ? 'good' : 'bad')
        else append(event.line)
      }
    } catch (error) {
      if (mine === running)
        say(error.name === 'AbortError' ? text('diagnose.stopped') : problemText(error), 'bad')
    }
    if (mine === running) setBusy(false)
  }

  function append(line) {
    output.append(`${line}\n`)
    output.scrollTop = output.scrollHeight
  }

  function say(words, kind = '') {
    result.textContent = words
    result.dataset.kind = kind
  }

  function setBusy(isBusy) {
    stop.hidden = !isBusy
    for (const button of buttons) button.disabled = isBusy
  }

  return {
    element,
    show(device) {
      element.hidden = !app.may('operator')
      buttons.at(-1).hidden = device.snmp === null
    },
    leave: () => running?.abort(),
  }
}
