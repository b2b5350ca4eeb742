/** `127.0.0.1:5001` or `[::1]:5001` in parts. */
export function parseListen(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':')
  return {
    host: listen.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(listen.slice(colon + 1)),
  }
}

/** Where what listens there is reached from this machine: what listens everywhere is on loopback, too. */
export function localUrl(listen: string): string {
  const { host, port } = parseListen(listen)
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

/** Why nothing can listen there, and what to do, in the words after the name of a key. */
export function listenFailure(listen: string, error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  const { host, port } = parseListen(listen)
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use by another program; end that program, or set another address there`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine; set one that is, such as 127.0.0.1:${port}`
    case 'EACCES':
      return `port ${port} is refused: ports under 1024 need privilege; set a higher one there`
    default:
      return `can't listen on ${listen}: ${message}; set another address there`
  }
}
