import type { AuthProtocol, PrivProtocol } from '../config/credential.ts'

export type Digest = {
  /** As node:crypto calls it. */
  readonly algorithm: string
  readonly bytes: number
  /** How much of the HMAC a message carries (RFC 3414 §6 and §7, RFC 7860 §4). */
  readonly signatureBytes: number
}

export const DIGESTS: Readonly<Record<AuthProtocol, Digest>> = {
  MD5: { algorithm: 'md5', bytes: 16, signatureBytes: 12 },
  SHA: { algorithm: 'sha1', bytes: 20, signatureBytes: 12 },
  SHA224: { algorithm: 'sha224', bytes: 28, signatureBytes: 16 },
  SHA256: { algorithm: 'sha256', bytes: 32, signatureBytes: 24 },
  SHA384: { algorithm: 'sha384', bytes: 48, signatureBytes: 32 },
  SHA512: { algorithm: 'sha512', bytes: 64, signatureBytes: 48 },
}

export type Cipher = {
  readonly algorithm: string
  /** What the key takes of the localised key; DES takes eight more for its IVs. */
  readonly keyBytes: number
  /** What makes a short digest long enough for the key. */
  readonly extension: 'none' | 'blumenthal' | 'reeder'
}

export const CIPHERS: Readonly<Record<PrivProtocol, Cipher>> = {
  // Single DES is in OpenSSL's legacy provider alone. Triple DES with three times the same key is single DES.
  DES: { algorithm: 'des-ede3-cbc', keyBytes: 8, extension: 'none' },
  AES: { algorithm: 'aes-128-cfb', keyBytes: 16, extension: 'none' },
  AES256: { algorithm: 'aes-256-cfb', keyBytes: 32, extension: 'blumenthal' },
  AES256C: { algorithm: 'aes-256-cfb', keyBytes: 32, extension: 'reeder' },
}
