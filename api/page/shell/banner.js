import { setText } from '../core/dom.js'
import { text } from '../core/texts.js'
import { localTime } from '../core/time.js'
import { assessTrust } from '../core/trust.js'

/** Said loudly, above every view: what is shown may not be true. */
export function createBanner(app, element) {
  /** Draws what there is to say; gives `ok` or `stale`. */
  function draw({ silentMs, isLinked }) {
    const { health, stats } = app
    const told = assessTrust({ silentSeconds: silentMs / 1000, isLinked, health })
    const isShown = told.key !== ''
    if (element.hidden === isShown) element.hidden = !isShown
    element.dataset.level = told.level
    // It names an instant, not a count of seconds: a text that changed each second would be read out each second.
    const asOf = stats === null ? '–' : localTime(stats.as_of, app.now())
    setText(
      element,
      isShown ? text(told.key, { reasons: told.reasons.join('; '), time: asOf }) : '',
    )
    return told.trust
  }

  return { draw }
}
