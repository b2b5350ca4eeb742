import { expect, test } from 'vitest'
import { parseWitness } from '../../../chaos/actors/witness.ts'

test('a witness tells each run that came to its end, with what was asked', () => {
  const text = '1000 1200 1 198.18.0.1 198.18.0.2 \n2000 2100 4 198.18.0.1 \n3000 3200 0 198.18.0.3'
  expect(parseWitness(text, 'collector-1')).toEqual([
    { collector: 'collector-1', from: 1000, to: 1200, addresses: ['198.18.0.1', '198.18.0.2'] },
    { collector: 'collector-1', from: 3000, to: 3200, addresses: ['198.18.0.3'] },
  ])
})
