import { describe, expect, test } from 'vitest'
import { createFleet } from '../../../lab/fleet.ts'
import { agentSpecs } from '../../../lab/fleet-agents.ts'
import { deviceSchema } from '../../../lib/config/schema.ts'

const distinct = (values: Iterable<string>) => new Set(values).size
const sharedBy = <T>(items: readonly T[], key: (item: T) => string) =>
  [...Map.groupBy(items, key).values()].filter((group) => group.length === 2).length

describe('a fleet', () => {
  test('is the same for the same seed and another for another', () => {
    expect(createFleet({ seed: 'a' })).toEqual(createFleet({ seed: 'a' }))
    expect(createFleet({ seed: 'a' })).not.toEqual(createFleet({ seed: 'b' }))
  })

  test('is the size and shape of the bank unless told otherwise', () => {
    const { devices } = createFleet()
    expect({
      devices: devices.length,
      branches: distinct(devices.map(({ branch }) => branch)),
      regions: distinct(devices.map(({ region }) => region)),
      snmp: devices.filter(({ snmp }) => snmp !== undefined).length,
      sharedAddresses: sharedBy(devices, ({ address }) => address),
      sharedNames: sharedBy(devices, ({ name }) => name),
    }).toEqual({
      devices: 876,
      branches: 128,
      regions: 10,
      snmp: 478,
      sharedAddresses: 10,
      sharedNames: 98,
    })
  })

  test.each([1, 2, 7, 50, 200, 5_000, 20_000])('of %i devices has unique ids', (count) => {
    const { devices } = createFleet({ devices: count })
    expect(distinct(devices.map(({ id }) => id))).toBe(count)
  })

  test('of 20,000 devices stays within the 131,072 addresses of the lab', () => {
    const { devices } = createFleet({ devices: 20_000, sharedAddresses: 0 })
    expect(distinct(devices.map(({ address }) => address))).toBe(20_000)
    expect(devices.every(({ address }) => /^198\.1[89]\./.test(address))).toBe(true)
  })

  test('consists of devices that an inventory accepts', () => {
    const problems = createFleet().devices.map((device) => deviceSchema.safeParse(device).error)
    expect(problems.filter((problem) => problem !== undefined)).toEqual([])
  })

  test('hangs together: links, router, switches, and the rest below them', () => {
    const { devices } = createFleet()
    const byId = new Map(devices.map((device) => [device.id, device]))
    const height = (id: string): number => {
      const parents = byId.get(id)?.parents ?? []
      return parents.length === 0 ? 0 : 1 + Math.max(...parents.map(height))
    }
    expect(devices.flatMap(({ parents = [] }) => parents).every((id) => byId.has(id))).toBe(true)
    expect(Math.max(...devices.map(({ id }) => height(id)))).toBe(3)
  })

  test('names some devices in Georgian', () => {
    const georgian = createFleet().devices.filter(({ name }) => /\p{Script=Georgian}/u.test(name))
    expect(georgian.length).toBeGreaterThan(30)
  })

  test('shares neither names nor addresses when told so', () => {
    const { devices } = createFleet({ sharedAddresses: 0, sharedNames: 0 })
    expect(distinct(devices.map(({ address }) => address))).toBe(876)
    expect(distinct(devices.map(({ name }) => name))).toBe(876)
  })

  test('has one agent for each device with SNMP, all on different addresses', () => {
    const specs = agentSpecs(createFleet())
    expect(specs.length).toBe(478)
    expect(distinct(specs.map(({ address }) => address))).toBe(478)
  })

  test('refuses a size that it has no addresses for', () => {
    expect(() => createFleet({ devices: 100_000 })).toThrow('expected 1 to 65536 devices')
  })
})
