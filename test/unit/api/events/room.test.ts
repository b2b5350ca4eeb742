import { expect, test } from 'vitest'
import { ANYBODY, type Principal } from '../../../../api/auth/principal.ts'
import { type Holder, type NoRoom, type Room, createRoom } from '../../../../api/events/room.ts'

const at = (address: string): Holder => ({ principal: ANYBODY, address })
const user = (name: string, address = '192.0.2.9'): Holder => ({
  principal: { name, kind: 'user', role: 'viewer', scope: null } satisfies Principal,
  address,
})

/** How many this one gets until there is no room, at most so many, and why it gets no more. */
function take(
  room: Room,
  holder: Holder,
  most = Infinity,
): { got: number; refused: NoRoom | null } {
  for (let got = 0; got < most; got++) {
    const refused = room.enter(holder)
    if (refused !== null) return { got, refused }
  }
  return { got: most, refused: null }
}

test.each([
  ['an address', at('192.0.2.1')],
  ['a user', user('nino')],
])('%s alone gets a third of the places', (_, holder) => {
  expect(take(createRoom(2_000), holder)).toEqual({ got: 667, refused: 'reader' })
})

test('however many take what they can get, who holds few finds room', () => {
  const room = createRoom(2_000)
  for (const name of ['a', 'b', 'c', 'd', 'e']) take(room, user(name))

  expect(take(room, user('wall'), 30)).toEqual({ got: 30, refused: null })
})

test('a user is one reader from any address, and apart from who has not signed in there', () => {
  const room = createRoom(90)
  take(room, user('nino', '192.0.2.1'))

  expect(room.enter(user('nino', '192.0.2.2'))).toBe('reader')
  expect(room.enter(at('192.0.2.1'))).toBeNull()
})

test('a tenth is kept for who has signed in, however many addresses there are', () => {
  const room = createRoom(100)
  const addresses = Array.from({ length: 95 }, (_, index) => at(`192.0.2.${index}`))
  const refused = addresses.map((holder) => room.enter(holder))

  expect(refused.filter((reason) => reason === null)).toHaveLength(90)
  expect(refused.at(-1)).toBe('open')
  expect(room.enter(user('nino'))).toBeNull()
})

test('when every place is taken there is none for anybody', () => {
  const room = createRoom(20)
  for (let index = 0; index < 20; index++) room.enter(user(`user ${index}`))

  expect(room.enter(user('nino'))).toBe('all')
})

test('places that are given back are there for others', () => {
  const room = createRoom(10)
  const { got } = take(room, user('nino'))
  for (let index = 0; index < got; index++) room.leave(user('nino'))

  expect(take(room, at('192.0.2.1')).got).toBe(got)
})
