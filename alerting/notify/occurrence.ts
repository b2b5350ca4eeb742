/** One occurrence of an alert: the same labels firing anew after a resolution are another one. */
export const occurrence = ({ key, startsAt }: { key: string; startsAt: number }): string =>
  `${startsAt} ${key}`
