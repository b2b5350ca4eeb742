export type AddressedUrl = {
  /** Without user info: it may be shown. */
  readonly url: string
  /** The `authorization` header that the user info asks for; for the wire alone. */
  readonly authorization: string | undefined
}

/** Parts a URL from the user name and password in it (RFC 3986 user info, RFC 7617 Basic). */
export function takeCredentials(text: string): AddressedUrl {
  const url = new URL(text)
  const { username, password } = url
  if (username === '' && password === '') return { url: text, authorization: undefined }
  url.username = ''
  url.password = ''
  const pair = Buffer.from(`${decoded(username)}:${decoded(password)}`)
  return { url: url.href, authorization: `Basic ${pair.toString('base64')}` }
}

/** A percent sign that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
