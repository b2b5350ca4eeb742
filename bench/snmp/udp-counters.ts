import { readFile, readdir, readlink } from 'node:fs/promises'

/** What UDP of this network namespace has lost so far, over IPv4 and IPv6. */
export type UdpErrors = {
  /** No room in a socket's receive buffer. */
  readonly receiveBuffer: number
  /** Of any kind on the way in, those included. */
  readonly in: number
}

export async function readUdpErrors(): Promise<UdpErrors> {
  const [ipv4, ipv6] = await Promise.all([
    readFile('/proc/net/snmp', 'utf8'),
    readFile('/proc/net/snmp6', 'utf8').catch(() => ''), // a kernel without IPv6
  ])
  // Two lines each: the names, then the values.
  const [names = '', values = ''] = ipv4.split('\n').filter((line) => line.startsWith('Udp:'))
  const numbers = values.split(' ')
  const of4 = (name: string): number => Number(numbers[names.split(' ').indexOf(name)] ?? 0)
  const of6 = (name: string): number =>
    Number(new RegExp(`^Udp6${name}\\s+(\\d+)`, 'm').exec(ipv6)?.[1] ?? 0)
  const both = (name: string): number => of4(name) + of6(name)
  return { receiveBuffer: both('RcvbufErrors'), in: both('InErrors') }
}

/** The sockets that a process has open: all, and those of UDP among them. */
export async function countSockets(pid: number): Promise<{ all: number; udp: number }> {
  const descriptors = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(
    descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  )
  const inodes = links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
  const tables = await Promise.all(
    ['udp', 'udp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '')),
  )
  // proc(5): the inode is the tenth field.
  const udp = new Set(
    tables.flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)[9])),
  )
  return { all: inodes.length, udp: inodes.filter((inode) => udp.has(inode)).length }
}
