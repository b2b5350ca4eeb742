import type { TextContext } from '../rule.ts'

/** The name that people know a device by. */
export function deviceName({ device, labels }: TextContext): string {
  const name = device?.name ?? ''
  return name === '' ? (labels['device'] ?? '') : name
}

/** Where the device is looked at: a path on the page, after the external URL. */
export const deviceLink = ({ labels }: TextContext): string =>
  `/?device=${encodeURIComponent(labels['device'] ?? '')}`

export const milliseconds = (seconds: number): string => `${Math.round(seconds * 1000)} ms`
export const percent = (ratio: number): string => `${Math.round(ratio * 1000) / 10} %`
