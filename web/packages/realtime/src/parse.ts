import { type AddressedMessage, KINDS, type ServerMessage } from "./messages.ts";

const kinds: ReadonlySet<unknown> = new Set(KINDS);

/**
 * The message in a frame; null if it is none, or of a kind that this version does not know: a newer server
 * may have more.
 */
export function parse(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== "object" || message === null || !("type" in message)) return null;
    return kinds.has(message.type) ? (message as ServerMessage) : null;
  } catch {
    return null;
  }
}

/** Whether a message is one of the four kinds that are sent to channels. */
export function isAddressed(message: ServerMessage): message is AddressedMessage {
  return "channel" in message && "id" in message;
}
