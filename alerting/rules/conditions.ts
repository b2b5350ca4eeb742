/** Devices whose last confirmed state is up: an outage is DeviceDown's to tell. */
export const IS_UP = 'max by (device) (last_over_time(device_state_up[10m])) == 1'

/** Devices whose state is older than this: what an outage that just ended left in the window is nobody's fault. */
export const unchangedFor = (ms: number): string =>
  `(time() - max by (device) (last_over_time(device_state_since[10m]))) * 1000 > ${ms}`
