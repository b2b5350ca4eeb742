/** The page's requests: same origin, JSON, errors as problems. */

/** What the API refused, or that it can't be reached (`status` 0). */
export class ProblemError extends Error {
  constructor({ status, title, detail, ...rest }) {
    super(detail ?? title)
    this.name = 'ProblemError'
    Object.assign(this, rest)
    this.status = status
    this.title = title
    this.detail = detail ?? title
  }
}

/** What can be had without more ado; null where it can't, which somebody else will tell. */
export async function readEarly(path) {
  try {
    const response = await fetch(path)
    return response.ok ? await response.json() : null
  } catch {
    return null
  }
}

/** `signedOut()` is called when the API wants to know who asks. */
export function createHttp({ signedOut, away }) {
  async function send(method, path, body, { signal, headers = {} } = {}) {
    // A file goes as it is, under its own type.
    const isFile = body instanceof Blob
    const isJson = body !== undefined && !isFile
    const response = await fetch(path, {
      method,
      headers: isJson ? { 'content-type': 'application/json', ...headers } : headers,
      body: isJson ? JSON.stringify(body) : body,
      signal,
    }).catch((error) => {
      if (error.name === 'AbortError') throw error
      throw new ProblemError({ status: 0, title: away(), detail: away() })
    })
    if (response.ok) return response
    const problem = await response.json().catch(() => ({}))
    if (response.status === 401) signedOut()
    throw new ProblemError({
      title: response.statusText || `HTTP ${response.status}`,
      ...problem,
      status: response.status,
    })
  }

  const json = async (response) => (response.status === 204 ? null : response.json())

  return {
    get: async (path, options) => json(await send('GET', path, undefined, options)),
    /** A list and how many there are in all. */
    async list(path, options) {
      const response = await send('GET', path, undefined, options)
      const items = await response.json()
      const total = Number(response.headers.get('x-total-count') ?? items.length)
      return { items, total }
    },
    post: async (path, body = {}) => json(await send('POST', path, body)),
    patch: async (path, body) => json(await send('PATCH', path, body)),
    put: async (path, body) => json(await send('PUT', path, body)),
    del: async (path) => json(await send('DELETE', path)),
    /** The bare response, for streams and downloads. Throws like the others. */
    send,
  }
}
