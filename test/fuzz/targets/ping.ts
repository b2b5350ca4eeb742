import { readHop } from '../../../collector/diagnostics/traceroute.ts'
import { parseFping } from '../../../collector/ping/fping.ts'
import { mutatedText } from '../mutate.ts'
import { must, target } from '../target.ts'

const OUTPUTS = [
  '198.18.0.1 : 0.45 1.20\n198.18.0.2 : - -\n2001:db8::1 : 0.05 -\n',
  'ICMP Host Unreachable from 198.18.0.9 for ICMP Echo sent to 198.18.0.1\n198.18.0.1 : - -\n',
  '198.18.0.1 : duplicate for [0], 84 bytes, 0.31 ms\n198.18.0.1 : 0.31\n',
  'fping: warning: timeout (-t) value larger than period (-p) produces unexpected results\n',
]

export const fping = target({
  name: 'fping',
  inputs: mutatedText(OUTPUTS),
  read(output) {
    const results = parseFping(output)
    for (const echoes of results.values())
      must(
        echoes.every((echo) => echo === null || (Number.isFinite(echo) && echo >= 0)),
        'a time or none',
      )
    return results.size > 0
  },
})

const LINES = [
  '198.18.0.1 : [0], 64 bytes, 0.041 ms (0.041 avg, 0% loss)',
  '198.18.0.1 : [0], timed out (NaN avg, 100% loss)',
  'ICMP Time Exceeded from 198.18.0.7 for ICMP Echo sent to 198.18.0.1\n198.18.0.1 : [0], timed out',
]

export const hops = target({
  name: 'traceroute',
  inputs: mutatedText(LINES),
  read(text) {
    const { from, isReached } = readHop(1, text.split('\n'))
    return isReached || from.length > 0
  },
})
