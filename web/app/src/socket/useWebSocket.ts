import {
  type Problem,
  RealtimeClient,
  type Recovery,
  type State,
  type SystemMessage,
  type TranscodeComplete,
  type TranscodeFailed,
  type TranscodeProgress,
  type Who,
} from "@videosite/realtime";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";

export type Message = TranscodeProgress | TranscodeComplete | TranscodeFailed | SystemMessage;

export interface SocketHandlers {
  /** Each of the four kinds, before its own handler. */
  onMessage?: (message: Message) => void;
  onTranscodeProgress?: (message: TranscodeProgress) => void;
  onTranscodeComplete?: (message: TranscodeComplete) => void;
  onTranscodeFailed?: (message: TranscodeFailed) => void;
  onSystemMessage?: (message: SystemMessage) => void;
  /** Notifications left unread, after some were marked. */
  onUnread?: (unread: number) => void;
  /** What became of the messages missed while there was no socket. */
  onRecovery?: (recovery: Recovery) => void;
}

export interface SocketOptions extends SocketHandlers {
  /** Address up to `/api/v1/ws`. */
  url: string;
  /** Null: nobody is signed in, so there is no socket. */
  who: Who | null;
  ticket: () => Promise<string>;
  /** Connect at once, and whenever `who` changes. Default true. */
  autoConnect?: boolean;
}

export interface Socket {
  client: RealtimeClient | null;
  state: State;
  /** Requests that were refused, the newest last; ten at most. */
  errors: readonly Problem[];
  /** Connects, or tries again now. */
  connect: () => void;
  close: () => void;
}

const CLOSED: State = { name: "closed" };
const MOST_ERRORS = 10;

/**
 * A socket as long as the component lives, over `@videosite/realtime`. Handlers may change with each render:
 * the newest are called. StrictMode's double mount opens one socket.
 */
export function useWebSocket(options: SocketOptions): Socket {
  const { url, who, autoConnect = true } = options;
  const newest = useRef(options);
  useEffect(() => {
    newest.current = options;
  });
  const key = who && (who.scope === "admin" ? "admin" : who.userId);
  const [client, setClient] = useState<RealtimeClient | null>(null);
  const [errors, setErrors] = useState<readonly Problem[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `who` by what it says, the ticket by its newest
  useEffect(() => {
    if (!who) return;
    const made = new RealtimeClient({
      url,
      who,
      ticket: () => newest.current.ticket(),
      autoConnect: false,
    });
    const handlers = (): SocketHandlers => newest.current;
    made.on("transcode_progress", (message) => {
      handlers().onMessage?.(message);
      handlers().onTranscodeProgress?.(message);
    });
    made.on("transcode_complete", (message) => {
      handlers().onMessage?.(message);
      handlers().onTranscodeComplete?.(message);
    });
    made.on("transcode_failed", (message) => {
      handlers().onMessage?.(message);
      handlers().onTranscodeFailed?.(message);
    });
    made.on("system_message", (message) => {
      handlers().onMessage?.(message);
      handlers().onSystemMessage?.(message);
    });
    made.on("unread", (unread) => handlers().onUnread?.(unread));
    made.on("recovery", (recovery) => handlers().onRecovery?.(recovery));
    made.on("problem", (problem) => setErrors((before) => [...before, problem].slice(-MOST_ERRORS)));
    setClient(made);
    return () => {
      made.close();
      setClient(null);
      setErrors([]);
    };
  }, [url, key]);
  // Apart from the above: StrictMode closes and opens the same client then, with one ticket.
  useEffect(() => {
    if (autoConnect) client?.connect();
  }, [client, autoConnect]);
  const subscribe = useCallback(
    (changed: () => void) => client?.on("state", changed) ?? (() => {}),
    [client],
  );
  const state = useSyncExternalStore(subscribe, () => client?.state ?? CLOSED);
  const connect = useCallback(() => client?.connect(), [client]);
  const close = useCallback(() => client?.close(), [client]);
  return { client, state, errors, connect, close };
}
