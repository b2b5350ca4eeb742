import { h, setText } from '../core/dom.js'
import { text } from '../core/texts.js'
import { localTime } from '../core/time.js'
import { assessTrust } from '../core/trust.js'

/** Said loudly, above every view: what is shown may not be true. */
export function createBanner(app, element) {
  const words = h('span', {})
  const unknown = h('a', { href: '/devices?status=unknown' }, text('trust.blind.devices'))
  const collectors = h('a', { href: '/collectors' }, text('trust.blind.collectors'))
  const links = h('span', { class: 'banner-links', hidden: true }, unknown, collectors)
  element.append(words, links)

  /** Draws what there is to say; gives `ok` or `stale`. */
  function draw({ silentMs, link }) {
    const { health } = app
    const { stats } = app.current
    const silentSeconds = silentMs / 1000
    const told = assessTrust({ silentSeconds, link, health, blind: stats?.blind })
    const isShown = told.key !== ''
    if (element.hidden === isShown) element.hidden = !isShown
    element.dataset.level = told.level
    // It names an instant, not a count of seconds: a text that changed each second would be read out each second.
    const time = stats === null ? '–' : localTime(stats.as_of, app.clock())
    setText(words, isShown ? sentences(told, time) : '')
    links.hidden = told.blind.length === 0
    unknown.hidden = told.blind.every(({ devices }) => devices === 0)
    return told.trust
  }

  function sentences({ key, reasons, blind }, time) {
    if (blind.length === 0) return text(key, { reasons: reasons.join('; '), time })
    const others =
      reasons.length === 0 ? '' : ` ${text('trust.degraded', { reasons: reasons.join('; ') })}`
    return text('trust.blind', { collectors: blind.map(collectorText).join('; ') }) + others
  }

  function collectorText({ collector, since, devices }) {
    const time = localTime(since, app.clock())
    if (devices === 0) return text('trust.blind.spare', { collector, time })
    return text('trust.blind.of', { collector, time, count: devices })
  }

  return { draw }
}
