import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { card } from '../device/card.js'

/** A list that administrators keep: read, drawn as a table, read again after each change. */
export function keptList(app, { name, path, columns, create, row }) {
  const place = h('div', {}, h('p', { class: 'muted' }, text('shell.loading')))
  const button = h(
    'button',
    { type: 'button', class: 'button', onclick: () => changing(create) },
    text(`${name}.new`),
  )
  const element = card(text(`${name}.title`), { tools: [button] }, place)
  void load()

  async function load() {
    try {
      const items = await app.api.get(path)
      place.replaceChildren(
        items.length === 0
          ? h('p', { class: 'muted' }, text(`${name}.none`))
          : h(
              'div',
              {
                class: 'table-scroll',
                tabindex: '0',
                role: 'group',
                'aria-label': text(`${name}.title`),
              },
              h(
                'table',
                { class: 'table' },
                h(
                  'thead',
                  {},
                  h(
                    'tr',
                    {},
                    ...columns.map((key) => h('th', { scope: 'col' }, text(`${name}.${key}`))),
                  ),
                ),
                h(
                  'tbody',
                  {},
                  ...items.map((item) =>
                    h('tr', {}, ...row(item, changing).map((cell) => h('td', {}, cell))),
                  ),
                ),
              ),
            ),
      )
    } catch (error) {
      place.replaceChildren(
        h('p', { class: 'problem', role: 'alert' }, error.detail ?? error.message),
      )
    }
  }

  /** Does it, and reads the list anew; what is refused is said. */
  async function changing(work) {
    try {
      await work()
    } catch (error) {
      app.toast(error.detail ?? error.message, 'bad')
    }
    await load()
  }

  return element
}
