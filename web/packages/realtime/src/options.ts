import type { State } from "./line.ts";
import type { SystemMessage, TranscodeComplete, TranscodeFailed, TranscodeProgress } from "./messages.ts";

/** Who listens: a user to what concerns them, an admin to everybody's transcodes. */
export type Who = { readonly scope: "user"; readonly userId: string } | { readonly scope: "admin" };

export interface RealtimeOptions {
  /** Address of the sockets up to `/api/v1/ws`; `wss:` or `ws:`. */
  url: string;
  who: Who;
  /** Gives a fresh one-use ticket, asked for before each attempt; see `ticketFrom`. */
  ticket: () => Promise<string>;
  /** Connect at once. Default true. */
  autoConnect?: boolean;
  /** Failed attempts in a row, after which it stops and says so. Default: it never stops. */
  maxReconnectAttempts?: number;
  /** Bound of the first pause before a retry, in milliseconds; doubles up to a minute. Default 3,000. */
  reconnectInterval?: number;
  /** Milliseconds between pings. Default 30,000. */
  heartbeatInterval?: number;
}

/** What became of the messages that were missed on a channel. */
export interface Recovery {
  channel: string;
  /** True: every one of them was told. False: not known or not to be had; read the state over HTTP. */
  recovered: boolean;
  /** Whether this is the channel's first time, so that there was no position to recover from. */
  first: boolean;
}

/** The server did not follow a request. */
export interface Problem {
  action: string | null;
  code: string;
  message: string;
  /** Of a subscription that was refused. */
  videoId?: number;
}

/** Kind of event to what its listeners get. */
export interface RealtimeEvents {
  transcode_progress: TranscodeProgress;
  transcode_complete: TranscodeComplete;
  transcode_failed: TranscodeFailed;
  system_message: SystemMessage;
  /** Notifications that are unread, after some were marked as read. */
  unread: number;
  state: State;
  recovery: Recovery;
  problem: Problem;
}
