/** A chart by keyboard: arrows go from value to value, + and − zoom, Escape gives it up. */

/** A page is a tenth of what is shown. */
const PAGES = 10

export function listenForCursor(stage, { plot, told, zoomed }) {
  let index = null

  function moveTo(wanted) {
    const current = plot()
    const last = current.data[0].length - 1
    if (last < 0) return
    index = Math.min(last, Math.max(0, wanted))
    const left = current.valToPos(current.data[0][index], 'x')
    current.setCursor({ left, top: current.over.clientHeight / 2 })
    told(index)
  }

  function zoom(factor) {
    const { scales, data } = plot()
    const { min, max } = scales.x
    const middle = index === null ? (min + max) / 2 : data[0][index]
    const half = ((max - min) * factor) / 2
    zoomed((middle - half) * 1000, (middle + half) * 1000)
  }

  stage.addEventListener('keydown', (event) => {
    const current = plot()
    if (current === null || event.ctrlKey || event.metaKey || event.altKey) return
    const last = current.data[0].length - 1
    const at = index ?? (event.key === 'ArrowRight' ? -1 : last + 1)
    const page = Math.max(1, Math.round(last / PAGES))
    const moves = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      PageDown: at - page,
      PageUp: at + page,
      Home: 0,
      End: last,
    }
    if (event.key in moves) moveTo(moves[event.key])
    else if (event.key === '+' || event.key === '=') zoom(1 / 2)
    else if (event.key === '-') zoom(2)
    else if (event.key === 'Escape') zoomed(null)
    else return
    event.preventDefault()
  })
  stage.addEventListener('blur', () => leave())

  function leave() {
    index = null
    plot()?.setCursor({ left: -10, top: -10 })
    told(null)
  }

  return {
    /** The chart is another: where the cursor was may be elsewhere. */
    redrawn() {
      if (index !== null) moveTo(index)
    },
  }
}
