import type { Message } from "../../src/socket/useWebSocket.ts";

/** Who looks on in these tests, and what hears the socket. */
export const world = {
  permissions: new Set<string>(),
  listeners: new Set<(message: Message) => void>(),
};
