import { text } from '../core/texts.js'

/** New outages for those who listen: politely, together, and never a flood. */

const GATHER_MS = 2_000
const NAMED = 3

export function createAnnouncer(element) {
  let lost = []
  let timer = null

  function speak() {
    timer = null
    const names = lost
      .slice(0, NAMED)
      .map(({ name, branch }) => (branch === null ? name : `${name}, ${branch}`))
    const more = lost.length - names.length
    const first = text('announce.down', { names: names.join('; ') })
    element.textContent = more > 0 ? `${first} ${text('announce.more', { count: more })}` : first
    lost = []
  }

  return {
    /** Devices that went down just now. */
    tell(devices) {
      if (devices.length === 0) return
      lost.push(...devices)
      timer ??= setTimeout(speak, GATHER_MS)
    },
  }
}
