import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { type AddressInfo } from 'node:net'
import { type IncomingMessage, createServer } from 'node:http'
import { once } from 'node:events'

/** A small OpenID provider on loopback: real keys, real signatures, PKCE checked. Whoever comes is let in at once. */
export type Provider = AsyncDisposable & {
  readonly issuer: string
  /** What the next ID token says besides what it must. */
  claims: Record<string, unknown>
  /** As a browser does: follows the link to the provider, and gives where that sends it. */
  visit(link: string): Promise<URL>
  /** Signs with a key that the provider doesn't publish. */
  forged: boolean
  /** In place of the nonce that was asked for. */
  nonce: string | null
}

export const CLIENT = { id: 'wardline', secret: 'a secret of the client' }

export async function startProvider(): Promise<Provider> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const others = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }
  const codes = new Map<string, URLSearchParams>()

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status = 200, json, location }) => {
        response.statusCode = status
        if (location !== undefined) response.setHeader('location', location)
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(json ?? {}))
      },
      (error: Error) => response.writeHead(500).end(error.message),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  type Reply = { status?: number; json?: unknown; location?: string }

  async function answer(request: IncomingMessage): Promise<Reply> {
    const url = new URL(request.url ?? '/', issuer)
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return {
          json: {
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/keys`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['RS256'],
          },
        }
      case '/keys':
        return { json: { keys: [jwk] } }
      case '/authorize': {
        const code = `code-${codes.size}`
        codes.set(code, url.searchParams)
        const back = new URL(url.searchParams.get('redirect_uri') ?? '')
        back.searchParams.set('code', code)
        back.searchParams.set('state', url.searchParams.get('state') ?? '')
        return { status: 302, location: back.href }
      }
      case '/token':
        return token(new URLSearchParams(await bodyOf(request)))
      default:
        return { status: 404 }
    }
  }

  async function token(sent: URLSearchParams): Promise<Reply> {
    const code = sent.get('code') ?? ''
    const asked = codes.get(code)
    codes.delete(code)
    const challenge = createHash('sha256')
      .update(sent.get('code_verifier') ?? '')
      .digest('base64url')
    const isGood =
      asked?.get('code_challenge') === challenge &&
      sent.get('client_id') === CLIENT.id &&
      sent.get('client_secret') === CLIENT.secret
    if (!isGood) return { status: 400, json: { error: 'invalid_grant' } }
    const nonce = provider.nonce ?? asked.get('nonce') ?? ''
    const at = Math.floor(Date.now() / 1000)
    const must = { iss: issuer, aud: CLIENT.id, sub: 'subject-1', iat: at, exp: at + 300, nonce }
    const { privateKey } = provider.forged ? others : keys
    const idToken = signed({ ...must, ...provider.claims }, privateKey)
    return { json: { access_token: 'x', token_type: 'Bearer', id_token: idToken } }
  }

  const provider: Provider = {
    issuer,
    claims: {},
    forged: false,
    nonce: null,
    async visit(link) {
      const response = await fetch(link, { redirect: 'manual' })
      return new URL(response.headers.get('location') ?? '')
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return provider
}

/** A JWT (RFC 7519) by RS256. */
function signed(claims: object, key: KeyObject): string {
  const [head, body] = [{ alg: 'RS256', kid: 'k1' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const text = `${head}.${body}`
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}
