import { expect, test } from 'vitest'
import { listenFailure, localUrl, parseListen } from '../../../lib/listen-address.ts'

test.each([
  ['127.0.0.1:5001', { host: '127.0.0.1', port: 5001 }],
  ['[::1]:5001', { host: '::1', port: 5001 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
])('an address to listen on: %s', (listen, parts) => {
  expect(parseListen(listen)).toEqual(parts)
})

const IN_USE =
  'port 80 is in use by another program; end that program, or set another address there'
const NO_ADDRESS =
  'no-such-host is no address of this machine; set one that is, such as 127.0.0.1:80'
test.each([
  ['EADDRINUSE', IN_USE],
  ['EADDRNOTAVAIL', NO_ADDRESS],
  ['ENOTFOUND', NO_ADDRESS],
  ['EAI_AGAIN', NO_ADDRESS],
  ['EACCES', 'port 80 is refused: ports under 1024 need privilege; set a higher one there'],
  ['EIO', "can't listen on no-such-host:80: i/o error; set another address there"],
])('%s says what is wrong with that address, and only what helps', (code, message) => {
  const error = Object.assign(new Error('i/o error'), { code })
  expect(listenFailure('no-such-host:80', error)).toBe(message)
})

test.each([
  ['127.0.0.1:5003', 'http://127.0.0.1:5003'],
  ['0.0.0.0:5003', 'http://127.0.0.1:5003'],
  ['[::]:5003', 'http://[::1]:5003'],
  ['alerting.example:80', 'http://alerting.example:80'],
])('what listens on %s is reached at %s', (listen, url) => {
  expect(localUrl(listen)).toBe(url)
})
