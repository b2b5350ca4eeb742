import { describe, expect, test } from 'vitest'
import { hashSlowly, isHashOf, lookAtNothing } from '../../../../lib/auth/slow-hash.ts'

describe('a password as it is kept', () => {
  test('is argon2id with a salt of its own, and of this password alone', async () => {
    const [one, other] = await Promise.all([hashSlowly('a password'), hashSlowly('a password')])

    expect(one).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(one).not.toBe(other)
    expect(await isHashOf(one, 'a password')).toBe(true)
    expect(await isHashOf(one, 'a passwore')).toBe(false)
  })

  test.each([
    '',
    'password',
    '$argon2i$v=19$m=8192,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=19$m=8192,t=99,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=19$m=8192,t=0,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=19$m=4,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
  ])('that nobody can mean, %j, lets nobody in', async (hash) => {
    expect(await isHashOf(hash, '')).toBe(false)
    expect(await isHashOf(hash, 'password')).toBe(false)
  })
})

test('of very many at once those who would wait too long are sent away, and the others get theirs', async () => {
  const looks = await Promise.allSettled(
    Array.from({ length: 100 }, () => lookAtNothing('a password')),
  )
  const refused = looks.filter((look) => look.status === 'rejected')

  expect(refused).toHaveLength(60)
  expect(refused[0]?.reason).toMatchObject({ reason: 'unavailable' })
  expect(await lookAtNothing('a password')).toBe(false)
}, 30_000)
