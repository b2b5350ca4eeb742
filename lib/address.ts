import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** What is wrong with an address that a device should have, or null when it may be one. */
export function addressProblem(address: string): string | null {
  if (isIP(address) !== 0) return rangeProblem(address)
  if (isHostName(address)) return null
  const expected = `expected an IP address or a host name, got ${JSON.stringify(address)}`
  const meant = embeddedAddress(address)
  if (meant !== null && meant !== address) return `${expected}, did you mean ${meant}?`
  if (/^0*\d+(\.0*\d+){3}$/.test(address) && /(^|\.)0\d/.test(address))
    return `${expected}: write the numbers without leading zeros`
  return expected
}

/** One text for one address, whatever its spelling: what tells whether two devices share it. */
export function canonicalAddress(address: string): string {
  if (isIP(address) !== 6) return address.toLowerCase().replace(/\.$/, '')
  // `::ffff:192.0.2.1` is 192.0.2.1.
  return ipaddr.process(address).toString()
}

/** The first IPv4 address inside of a text, or null. */
export function embeddedAddress(text: string): string | null {
  const found = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)/.exec(text)?.[0]
  return found !== undefined && isIP(found) === 4 ? found : null
}

function rangeProblem(address: string): string | null {
  const range = ipaddr.parse(address).range()
  return range === 'unspecified' || range === 'broadcast' || range === 'multicast'
    ? `expected the address of one device, got the ${range} address ${address}`
    : null
}

/** Labels of letters, digits, `-` and `_`; all numbers is an address that went wrong. */
function isHostName(text: string): boolean {
  if (text.length > 253 || /^[\d.]+$/.test(text)) return false
  const labels = text.replace(/\.$/, '').split('.')
  return labels.every((label) => /^[\p{L}\p{M}\p{N}_]([\p{L}\p{M}\p{N}_-]{0,62})$/u.test(label))
}
