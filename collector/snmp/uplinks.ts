import type { UplinkConfig } from '../../lib/config/schema.ts'
import type { Device } from '../../lib/inventory.ts'
import type { Labels } from '../../lib/labels.ts'

/** The uplink that an interface is, by its device and its labels (`ifName`, `ifDescr`, `ifAlias`); null for most. */
export type UplinkMatcher = (device: Device, labels: Labels) => string | null

/** The first rule that matches counts. A device that no rule is for costs one look into a map. */
export function uplinkMatcher(uplinks: readonly UplinkConfig[]): UplinkMatcher {
  // By the object: a device that changes is another one.
  const rulesOf = new WeakMap<Device, readonly UplinkConfig[]>()

  return (device, labels) => {
    let rules = rulesOf.get(device)
    if (rules === undefined) {
      rules = uplinks.filter((rule) => isUplinkRuleFor(rule, device))
      rulesOf.set(device, rules)
    }
    for (const rule of rules) if (isMatch(rule, labels)) return rule.name
    return null
  }
}

/** Whether a rule is for a device: each property that it names must be one of those it lists. */
export function isUplinkRuleFor({ devices: wanted }: UplinkConfig, device: Device): boolean {
  const { id, type, role, branch, region, tag } = wanted
  return (
    (id?.includes(device.id) ?? true) &&
    (type?.includes(device.type) ?? true) &&
    (role?.includes(device.role) ?? true) &&
    (branch?.includes(device.branch) ?? true) &&
    (region?.includes(device.region) ?? true) &&
    (tag?.some((each) => device.tags.includes(each)) ?? true)
  )
}

/** A rule that names both wants both. A text that the agent didn't tell matches nothing, `.*` and `^(?!x)` included. */
function isMatch({ alias, interface: name }: UplinkConfig, labels: Labels): boolean {
  return (
    (alias === undefined || hasMatch(alias, labels['ifAlias'])) &&
    (name === undefined || hasMatch(name, labels['ifName'] || labels['ifDescr']))
  )
}

const hasMatch = (regex: RegExp, text: string | undefined): boolean =>
  text !== undefined && text !== '' && regex.test(text)

/** Adds the label `uplink` to the labels of an interface that is one. */
export function uplinkTag(match: UplinkMatcher): (device: Device, labels: Labels) => Labels {
  return (device, labels) => {
    if (labels['ifIndex'] === undefined) return labels
    const uplink = match(device, labels)
    return uplink === null ? labels : { ...labels, uplink }
  }
}
