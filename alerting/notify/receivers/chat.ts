import type { Delivery, Notification, Notify } from '../notification.ts'
import type { Message } from './message.ts'

export type Compose = (notification: Notification) => Message | Promise<Message>

/** A chat whose messages can be edited. References are the chat's own. */
export type Chat = {
  /** Posts a message, as an answer to another one if there is that. */
  post(message: Message, replyTo: string | null, delivery: Delivery): Promise<string>
  /** False when there is nothing to edit any more. */
  edit(reference: string, message: Message, delivery: Delivery): Promise<boolean>
}

/**
 * One message for each outage, kept up to date. Nobody is alerted by an edit: what is new is posted as an answer to it
 * as well, and last, so that a failure before that repeats nothing that people see.
 */
export function chatNotify(chat: Chat, compose: Compose): Notify {
  return async (notification, delivery) => {
    const message = await compose(notification)
    const { reference } = delivery
    if (reference === null || beginsAnew(notification)) return chat.post(message, null, delivery)
    const isThere = await chat.edit(reference, message, delivery)
    if (!isThere) return chat.post(message, null, delivery)
    if (notification.reason !== 'updated') await chat.post(message, reference, delivery)
    return reference
  }
}

/** A repetition stands where people look: below. */
const beginsAnew = ({ reason }: Notification): boolean =>
  reason === 'first notification' || reason === 'repeat interval elapsed'
