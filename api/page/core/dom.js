/**
 * `h('td', {class: 'x'}, 'text', child)`: an element. Texts are texts, never markup. `onclick` and the like are
 * listeners; `style` is an object of properties, since the page's policy allows no style in markup.
 */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children)
}

/** The same for SVG. */
export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children)
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name === 'style') {
      for (const [key, each] of Object.entries(value)) element.style.setProperty(key, each)
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value))
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined))
  return element
}

export const byId = (id) => document.getElementById(id)

/** Writes a text only when it differs: most cells of most rows stay as they are. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** The same for an attribute; null takes it away. */
export function setAttribute(element, name, value) {
  if (value === null) {
    if (element.hasAttribute(name)) element.removeAttribute(name)
  } else if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

/** The mark of a status: a shape of its own for each. A word stands beside it or in its label. */
export const mark = (status) =>
  h('span', { class: 'mark', 'data-status': status, 'aria-hidden': 'true' })
