import { useQueryClient } from "@tanstack/react-query";
import type { RealtimeClient, State, TranscodeProgress, Who } from "@videosite/realtime";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useAuth } from "../auth/AuthContext.tsx";
import { addNotification, useUnread } from "../features/notifications/queries.ts";
import { socketUrl, ticket } from "./address.ts";
import { ifOwn } from "./own.ts";
import { ProgressStore } from "./progress.ts";
import { pushIntoCache, recoverCache } from "./push.ts";
import { type ToastHandlers, useToasts } from "./useToasts.tsx";
import { type Message, type Socket, useWebSocket } from "./useWebSocket.ts";

export interface WebSocketValue {
  client: RealtimeClient | null;
  state: State;
  errors: Socket["errors"];
  /** Connects, or tries again now. */
  reconnect: () => void;
  /** Notifications that are unread. */
  unread: number;
  /** Counts notifications as they come. */
  arrivals: number;
  /** Listens to each message; returns how to stop. */
  listen: (listener: (message: Message) => void) => () => void;
  store: ProgressStore;
}

const WebSocketContext = createContext<WebSocketValue | null>(null);

/** The one socket of the app. A toast's callback takes the toast's place. */
export function WebSocketProvider({ children, ...overrides }: { children: ReactNode } & ToastHandlers) {
  const { user, can } = useAuth();
  const queries = useQueryClient();
  const [store] = useState(() => new ProgressStore());
  const listeners = useRef(new Set<(message: Message) => void>());
  const admin = can("sockets.admin");
  const who = useMemo<Who | null>(() => {
    if (!user) return null;
    return admin ? { scope: "admin" } : { scope: "user", userId: user.user_id };
  }, [user, admin]);
  const userId = user?.user_id ?? "";
  const toasts = useToasts(overrides, userId);
  const [arrivals, setArrivals] = useState(0);
  const socket = useWebSocket({
    url: socketUrl(),
    who,
    ticket,
    onMessage: (message) => {
      if (message.type === "transcode_progress") store.set(message);
      pushIntoCache(queries, message);
      // What has a number is stored, and so a notification of whom it is for.
      if (message.seq !== undefined) {
        ifOwn(queries, userId, message, () => {
          addNotification(queries, message);
          setArrivals((count) => count + 1);
        });
      }
      for (const listener of listeners.current) listener(message);
    },
    onTranscodeProgress: toasts.progress,
    onTranscodeComplete: toasts.complete,
    onTranscodeFailed: toasts.failed,
    onSystemMessage: toasts.system,
    onUnread: (unread) => queries.setQueryData(["unread"], unread),
    onRecovery: (recovery) => recoverCache(queries, recovery),
  });
  const { state, connect } = socket;
  useEffect(() => toasts.connection(state, connect), [toasts.connection, state, connect]);
  const open = state.name === "open";
  useEffect(() => {
    if (!open) return;
    // The server ends sockets with a change of role: who has another one now needs another socket, and other pages.
    return () => void queries.invalidateQueries({ queryKey: ["me"] });
  }, [open, queries]);
  const unread = useUnread();
  const listen = useCallback((listener: (message: Message) => void) => {
    listeners.current.add(listener);
    return () => listeners.current.delete(listener);
  }, []);
  const value = useMemo<WebSocketValue>(
    () => ({
      client: socket.client,
      state,
      errors: socket.errors,
      reconnect: connect,
      unread,
      arrivals,
      listen,
      store,
    }),
    [socket.client, state, socket.errors, connect, unread, arrivals, listen, store],
  );
  return <WebSocketContext value={value}>{children}</WebSocketContext>;
}

/** The app's socket, for components. */
export function useSocket(): WebSocketValue {
  const value = useContext(WebSocketContext);
  if (!value) throw new Error("useSocket outside of WebSocketProvider");
  return value;
}

/** The newest progress of every video that was told of. */
export function useProgress(): ReadonlyMap<number, TranscodeProgress> {
  const { store } = useSocket();
  return useSyncExternalStore(store.subscribe, () => store.all);
}

/** The newest progress of one video: nothing is drawn anew for others'. */
export function useVideoProgress(videoId: number): TranscodeProgress | undefined {
  const { store } = useSocket();
  return useSyncExternalStore(store.subscribe, () => store.all.get(videoId));
}
