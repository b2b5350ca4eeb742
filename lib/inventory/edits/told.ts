import type { Misfit } from './fit.ts'

/** A misfit as one is told it who can't see every device that has to do with it: without those. */
export function toldTo(isSeen: (id: string) => boolean, misfit: Misfit): Misfit {
  const { device, about } = misfit
  if (about.every(isSeen)) return misfit
  // Of what is about others, a circle alone has the device itself in it.
  const message = about.includes(device) ? UNSEEN_CIRCLE : UNSEEN_PARENT
  return { ...misfit, message, about: about.filter(isSeen) }
}

const UNSEEN_CIRCLE =
  "a device can't be behind itself: it would be through devices outside of your part of the fleet"
const UNSEEN_PARENT = 'a device that it is reached through is not there any more'
