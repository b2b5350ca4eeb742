import { CANARY_DEVICE, type Flip, isCanary } from '../../lib/canary.ts'
import { receiverSchema } from '../../lib/config/receivers.ts'
import { BUILT_IN_EGRESS } from '../../lib/egress/egress.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Secret } from '../../lib/secret.ts'
import type { Receiver } from '../notify/notification.ts'
import { type Externals, receiverOf } from '../notify/receivers/index.ts'
import type { Destination, Routing } from '../notify/routing.ts'
import { flipsOf } from './flips.ts'

/** The name of the receiver that wardline has in itself. No receiver of the configuration may have it. */
export const CANARY_RECEIVER = CANARY_DEVICE

/** No flip is told of after that: the next one is. */
const RETRY_FOR = '1m'

/** A webhook like any other, to this process' own port. */
export function ownReceiver(url: string, secret: Secret, externals: Externals): Receiver {
  return receiverOf(
    receiverSchema.parse({
      name: CANARY_RECEIVER,
      webhook: { url: `${reachable(url)}/canary`, secret: secret.reveal(), timeout: '5s' },
      retry_for: RETRY_FOR,
    }),
    // Whatever egress.deny closes: it is this process.
    { ...externals, egress: BUILT_IN_EGRESS },
  )
}

/** An address to listen on everywhere is none to connect to. */
const reachable = (url: string): string =>
  url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')

/** A receiver whose taking of a canary's message is what counts as its coming out. */
export function listened(receiver: Receiver, arrived: (flips: readonly Flip[]) => void): Receiver {
  return {
    ...receiver,
    async notify(notification, delivery) {
      const reference = await receiver.notify(notification, delivery)
      arrived(
        flipsOf(
          notification.alerts.map(({ labels, startsAt, endsAt }) => ({
            labels,
            startsAt,
            isFiring: endsAt === 0,
          })),
        ),
      )
      return reference
    },
  }
}

/** The canary's messages go to its receiver, at once and by no other rule of the configuration; nobody else gets them. */
export function withCanaryRoute(routing: Routing, receiver: string | null): Routing {
  const destinations = receiver === null ? [] : [destinationTo(receiver)]
  return {
    ...routing,
    destinations: (labels: Labels) =>
      isCanary(labels) ? destinations : routing.destinations(labels),
  }
}

const destinationTo = (receiver: string): Destination => ({
  receiver,
  routeKey: `{}/{device="${CANARY_DEVICE}"}`,
  routeLabels: {},
  groupBy: ['alertname', 'device'],
  groupWaitMs: 0,
  groupIntervalMs: 0,
  repeatMs: 4 * 3_600_000,
  escalateAfterMs: null,
  activeIntervals: [],
  muteIntervals: [],
})
