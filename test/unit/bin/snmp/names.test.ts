import { describe, expect, test } from 'vitest'
import { createNames } from '../../../../bin/snmp/names.ts'
import { valueLine } from '../../../../bin/snmp/value-line.ts'
import { BUILT_IN_MODULES } from '../../../../collector/snmp/modules/index.ts'
import { TAG } from '../../../../collector/snmp/protocol/varbind.ts'
import { StartError } from '../../../../lib/start-error.ts'

const names = createNames(BUILT_IN_MODULES.values())
const IF_OPER_STATUS = '1.3.6.1.2.1.2.2.1.8'

describe('an object', () => {
  test.each([
    ['1.3.6.1.2.1.1', '1.3.6.1.2.1.1'],
    ['.1.3.6.1.2.1.1', '1.3.6.1.2.1.1'],
    ['2.999', '2.999'],
    ['ifOperStatus', IF_OPER_STATUS],
    ['ifOperStatus.3', `${IF_OPER_STATUS}.3`],
    ['ifName.3', '1.3.6.1.2.1.31.1.1.1.1.3'],
  ])('%s is %s', (word, oid) => {
    expect(names.oidOf(word)).toBe(oid)
    expect(names.instanceOf(word)).toBe(oid)
  })

  test.each(['sysUpTime', 'sysName'])('a single value is meant by its name alone: %s', (word) => {
    expect(names.instanceOf(word)).toBe(`${names.oidOf(word)}.0`)
  })

  test.each([
    ['ifOperStatu', 'did you mean ifOperStatus?'],
    ['no such thing', 'no module has an object of this name'],
    ['1', 'expected two numbers or more'],
    ['1.3.6..1', 'expected two numbers or more'],
    ['1.3.6.1.4294967296', 'nothing above 4294967295'],
    ['3.1', 'expected 0, 1 or 2 first'],
    ['1.40', 'after 0 or 1 at most 39'],
    ['ifOperStatus.4294967296', 'nothing above 4294967295'],
  ])('%s is refused', (word, message) => {
    expect(() => names.oidOf(word)).toThrow(StartError)
    expect(() => names.oidOf(word)).toThrow(message)
  })
})

describe('a value as a person reads it', () => {
  test.each([
    [IF_OPER_STATUS, TAG.integer, 7, 'ifOperStatus.3', '7 (lowerLayerDown)'],
    ['1.3.6.1.2.1.1.3', TAG.timeTicks, 720_000, 'sysUpTime.3', '720000 (2h)'],
    ['1.3.6.1.2.1.31.1.1.1.18', TAG.octetString, Buffer.from('a\nb'), 'ifAlias.3', 'a b'],
    ['1.3.6.1.4.1.99999', TAG.octetString, Buffer.from([0, 0x1a, 0xff]), null, '00:1a:ff'],
    ['1.3.6.1.4.1.99999', TAG.ipAddress, Buffer.from([192, 0, 2, 1]), null, '192.0.2.1'],
    ['1.3.6.1.4.1.99999', TAG.opaque, Buffer.from('9f780442f60000', 'hex'), null, '123'],
  ])('%s of type %i', (column, type, value, name, text) => {
    const oid = `${column}.3`

    expect(valueLine({ oid, type, value }, names)).toMatchObject({ oid, name, value: text })
  })
})
