import type { Message } from "../../src/socket/useWebSocket.ts";
import { world } from "./world.ts";

const socket = {
  state: { name: "open" },
  listen: (listener: (message: Message) => void) => {
    world.listeners.add(listener);
    return () => world.listeners.delete(listener);
  },
};

/** Stands for `src/socket/WebSocketContext.tsx`. */
export function useSocket() {
  return socket;
}
