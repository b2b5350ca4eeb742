/** From what `INFO memory` answers: how much of its memory Redis uses, and whether it throws things away when that is full. */
export function memoryOf(info: string): {
  /** Null where it may use all that the machine has. */
  readonly ratio: number | null
  readonly evicts: boolean
} {
  const fields = new Map(
    info.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string | undefined]),
  )
  const most = Number(fields.get('maxmemory') ?? 0)
  const used = Number(fields.get('used_memory') ?? 0)
  const policy = fields.get('maxmemory_policy') ?? 'noeviction'
  return {
    ratio: most > 0 ? used / most : null,
    evicts: most > 0 && policy !== 'noeviction',
  }
}
