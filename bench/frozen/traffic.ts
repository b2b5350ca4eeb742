import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** What this network namespace sent in one second: by the kernel's count, whatever clock the senders have. */
export type Second = {
  /** Its beginning, Unix milliseconds. */
  readonly at: number
  readonly echoes: number
  /** Of UDP; here that is SNMP alone, questions and answers. */
  readonly datagrams: number
}

/** Counts, second after second, until it is disposed. */
export type Traffic = AsyncDisposable & {
  /** The whole seconds of [from, to). */
  between(from: number, to: number): readonly Second[]
}

export function watchTraffic(): Traffic {
  const seconds: Second[] = []
  const ended = new AbortController()
  const running = (async () => {
    let before = await nextSecond()
    while (!ended.signal.aborted) {
      const now = await nextSecond()
      // A second that this process was late for is counted together with the one after it.
      const lasted = Math.max(1, Math.round((now.at - before.at) / 1_000))
      seconds.push({
        at: before.at,
        echoes: (now.echoes - before.echoes) / lasted,
        datagrams: (now.datagrams - before.datagrams) / lasted,
      })
      before = now
    }
  })()

  async function nextSecond(): Promise<Second> {
    const at = Math.floor(Date.now() / 1_000 + 1) * 1_000
    await delay(at - Date.now(), undefined, { signal: ended.signal }).catch(() => {})
    return { ...parseSnmp(await readFile('/proc/net/snmp', 'utf8')), at }
  }
  return {
    between: (from, to) => seconds.filter(({ at }) => at >= from && at + 1_000 <= to),
    async [Symbol.asyncDispose]() {
      ended.abort()
      await running
    },
  }
}

/** /proc/net/snmp has two lines of each protocol: the names, then the values. */
export function parseSnmp(text: string): Omit<Second, 'at'> {
  const valueOf = (protocol: string, name: string): number => {
    const [names = '', values = ''] = text
      .split('\n')
      .filter((line) => line.startsWith(`${protocol}:`))
    return Number(values.split(' ')[names.split(' ').indexOf(name)] ?? Number.NaN)
  }
  return { echoes: valueOf('Icmp', 'OutEchos'), datagrams: valueOf('Udp', 'OutDatagrams') }
}
