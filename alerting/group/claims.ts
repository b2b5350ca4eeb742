import { type Alert, isActive } from '../alert.ts'

/**
 * Groups of one name in several files may produce the same alert, label by label. It is one alert: whichever group had it
 * first tells of it and writes its series, for as long as it lasts there.
 */
export type Claims = {
  /** The alerts of a group that are its own to tell. */
  own(groupName: string, groupId: string, alerts: readonly Alert[]): readonly Alert[]
  /** A group is gone, and so is what it claimed. */
  release(groupName: string, groupId: string): void
}

export function createClaims(): Claims {
  /** By group name, by group id: the keys of active alerts. */
  const claimed = new Map<string, Map<string, ReadonlySet<string>>>()
  return {
    own(groupName, groupId, alerts) {
      const groups = claimed.get(groupName) ?? new Map<string, ReadonlySet<string>>()
      claimed.set(groupName, groups)
      const others = [...groups].filter(([id]) => id !== groupId).map(([, keys]) => keys)
      const own = others.some(({ size }) => size > 0)
        ? alerts.filter(({ key }) => !others.some((keys) => keys.has(key)))
        : alerts
      groups.set(groupId, new Set(own.filter(isActive).map(({ key }) => key)))
      return own
    },
    release(groupName, groupId) {
      claimed.get(groupName)?.delete(groupId)
    },
  }
}
