import { useSyncExternalStore } from "react";
import type { Message, Socket, SocketOptions } from "../../src/socket/useWebSocket.ts";

/** The socket of these tests: how it stands, and what was asked of it last. */
export const line: { state: Socket["state"]; options: SocketOptions | null } = {
  state: { name: "open" },
  options: null,
};
const watchers = new Set<() => void>();

/** The socket stands otherwise from now on. */
export function become(state: Socket["state"]): void {
  line.state = state;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Stands for the hook of `src/socket/useWebSocket.ts`. */
export function useWebSocket(options: SocketOptions): Socket {
  line.options = options;
  const state = useSyncExternalStore(watch, () => line.state);
  return { client: null, state, errors: [], connect: () => {}, close: () => {} };
}

/** A message comes. */
export function say(message: Message): void {
  const { options } = line;
  options?.onMessage?.(message);
  if (message.type === "transcode_progress") options?.onTranscodeProgress?.(message);
  if (message.type === "transcode_complete") options?.onTranscodeComplete?.(message);
  if (message.type === "transcode_failed") options?.onTranscodeFailed?.(message);
  if (message.type === "system_message") options?.onSystemMessage?.(message);
}
