import type { UserCredential } from '../../../../lib/config/credential.ts'
import {
  type EngineKeys,
  type UserKeys,
  deriveUserKeys,
  localiseKeys,
} from '../../../../lib/usm/keys.ts'

/** The keys of one session. Promises come for what takes longer than a message may hold up others. */
export type Keyring = {
  /** Null when there is nothing to wait for. To be called before `forEngine`. */
  open(): Promise<void> | null
  /** Made anew unless the engine was the last one, too: a session has one agent, and few agents are ever replaced. */
  forEngine(id: Buffer): EngineKeys | Promise<EngineKeys>
}

export function createKeyring(credential: UserCredential): Keyring {
  let user: UserKeys | null = null
  let last: { readonly id: Buffer; readonly keys: EngineKeys } | null = null

  return {
    open() {
      if (user !== null) return null
      return deriveUserKeys(credential).then((derived) => {
        user = derived
      })
    },
    forEngine(id) {
      if (user === null) throw new Error('the keyring is not open')
      if (last?.id.equals(id) === true) return last.keys
      const keys = localiseKeys(user, id)
      if (!(keys instanceof Promise)) {
        last = { id, keys }
        return keys
      }
      return keys.then((made) => {
        last = { id, keys: made }
        return made
      })
    },
  }
}
