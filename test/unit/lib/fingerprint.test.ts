import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprint } from '../../../lib/fingerprint.ts'

/**
 * FNV-1a over 64 bits in four limbs of 16, from the algorithm's description, over name, 0xff, value, 0xff of each
 * label in the order of names: how common/model's LabelSet.Fingerprint is defined.
 */
function slowFingerprint(labels: Record<string, string>): string {
  const bytes = Object.keys(labels)
    .sort()
    .flatMap((name) => [...Buffer.from(name), 255, ...Buffer.from(labels[name] ?? ''), 255])
  let limbs = [0x2325, 0x8422, 0x9ce4, 0xcbf2]
  for (const byte of bytes) {
    const [low = 0] = limbs
    limbs = times([(low ^ byte) & 0xffff, ...limbs.slice(1)], [0x01b3, 0, 0x0100, 0])
  }
  return limbs
    .map((limb) => limb.toString(16).padStart(4, '0'))
    .reverse()
    .join('')
}

function times(a: readonly number[], b: readonly number[]): number[] {
  const sums = [0, 0, 0, 0]
  for (let i = 0; i < 4; i++) {
    for (let j = 0; i + j < 4; j++) sums[i + j] = (sums[i + j] ?? 0) + (a[i] ?? 0) * (b[j] ?? 0)
  }
  let carry = 0
  return sums.map((sum) => {
    const whole = sum + carry
    carry = Math.floor(whole / 0x10000)
    return whole % 0x10000
  })
}

// From the tests of prometheus/common, model/signature_test.go.
test.each([
  [{}, 14695981039346656037n],
  [{ name: 'garland, briggs', fear: 'love is not enough' }, 5799056148416392346n],
])('of %j is what Prometheus says', (labels, expected) => {
  expect(BigInt(`0x${fingerprint(labels)}`)).toBe(expected)
})

test.each([
  { alertname: 'DeviceDown' },
  { alertname: 'DeviceDown', device: 'router-1', severity: 'critical' },
  { device: 'სოფო 😀', branch: 'a"b\\c' },
])('of %j is what the definition gives', (labels) => {
  expect(fingerprint(labels)).toBe(slowFingerprint(labels))
})

test('does not depend on the order of labels', () => {
  expect(fingerprint({ a: '1', b: '2' })).toBe(fingerprint({ b: '2', a: '1' }))
})

test('of any labels is what the definition gives', () => {
  const labels = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.string())
  fc.assert(
    fc.property(labels, (given) => {
      expect(fingerprint(given)).toBe(slowFingerprint(given))
    }),
  )
})
