import ReconnectingWebSocket from "partysocket/ws";
import { isAwake, isOnline, onAwakeChange } from "./awake.ts";
import { pauseMs } from "./backoff.ts";
import type { ClientRequest } from "./messages.ts";
import { SignedOutError } from "./ticket.ts";

/** How the connection stands. A new object with each change, so that it can be compared by identity. */
export type State =
  /** Not asked to connect, or closed. */
  | { readonly name: "closed" }
  /** A ticket is fetched, or the handshake is under way. */
  | { readonly name: "connecting" }
  | { readonly name: "open" }
  /** Before retry number `attempt` (1 for the first); `connect()` cuts the pause short. */
  | { readonly name: "waiting"; readonly attempt: number; readonly pauseMs: number }
  /** No attempts are made while there is no network or the page is hidden. */
  | { readonly name: "paused"; readonly reason: "offline" | "hidden" }
  /** Given up; only `connect()` starts again. */
  | { readonly name: "stopped"; readonly reason: "attempts" | "signed_out" };

export interface LineOptions {
  url: string;
  ticket: () => Promise<string>;
  maxReconnectAttempts: number;
  reconnectInterval: number;
  heartbeatInterval: number;
}

export interface LineEvents {
  state: (state: State) => void;
  open: () => void;
  data: (data: unknown) => void;
  /** The socket is gone. */
  gone: () => void;
}

/** A cold $connect function takes seconds, API Gateway waits 29. */
const HANDSHAKE_MS = 30_000;
const PONG_MS = 10_000;

/**
 * One socket that comes back: partysocket, with what it lacks.
 *
 * partysocket holds the socket, its listeners and the retry loop, in which it asks for the address before
 * each attempt. That is where everything else is done: pauses with jitter, counting, waiting for network and
 * eyes, a new ticket. So its own pauses, its limit (it stops without a word) and its queue (which would send
 * stale requests) are turned off.
 */
export class Line {
  readonly #options: LineOptions;
  readonly #events: LineEvents;
  readonly #socket: ReconnectingWebSocket;
  #state: State = { name: "closed" };
  #wanted = false;
  /** Retries since the server was last heard; null: the next attempt is a first one and does not wait. */
  #retries: number | null = null;
  /** Cuts the pause short. */
  #wake: () => void = () => {};
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #ignoreAwake: () => void = () => {};

  constructor(options: LineOptions, events: LineEvents) {
    this.#options = options;
    this.#events = events;
    this.#socket = new ReconnectingWebSocket(() => this.#address(), undefined, {
      startClosed: true,
      minReconnectionDelay: 0,
      connectionTimeout: HANDSHAKE_MS,
      maxEnqueuedMessages: 0,
    });
    this.#socket.addEventListener("open", () => this.#opened());
    this.#socket.addEventListener("message", (event) => events.data(event.data));
    this.#socket.addEventListener("close", () => this.#closed());
  }

  get state(): State {
    return this.#state;
  }

  /** Connects; cuts a pause short; starts again after a stop. Nothing while a socket is open or opening. */
  start(): void {
    if (this.#wanted) {
      if (this.#state.name === "waiting") {
        this.#retries = 0;
        this.#wake();
      }
      return;
    }
    this.#wanted = true;
    this.#retries = null;
    this.#ignoreAwake = onAwakeChange(() => this.#awakeChanged());
    this.#become({ name: "connecting" });
    this.#socket.reconnect();
  }

  /** Closes for good, or until `start()`. */
  stop(state: State = { name: "closed" }): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#ignoreAwake();
    this.#wake();
    this.#closed();
    this.#socket.close();
    this.#become(state);
  }

  /** Sends if the socket is open. */
  send(request: ClientRequest): void {
    if (this.#state.name === "open") this.#socket.send(JSON.stringify(request));
  }

  /** The server follows what it is asked: earlier failures do not count any more. */
  works(): void {
    this.#retries = 0;
  }

  /** Something came: the line is there, whatever becomes of what was asked. */
  heard(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  /** The address of the next attempt, when it is time for it. partysocket repeats what throws. */
  async #address(): Promise<string> {
    await this.#pause();
    while (this.#wanted && !isAwake()) {
      this.#become({ name: "paused", reason: isOnline() ? "hidden" : "offline" });
      await this.#sleep();
    }
    if (!this.#wanted) throw new Error("closed");
    this.#become({ name: "connecting" });
    try {
      const ticket = await this.#options.ticket();
      return `${this.#options.url}?token=${encodeURIComponent(ticket)}`;
    } catch (error) {
      if (error instanceof SignedOutError) this.stop({ name: "stopped", reason: "signed_out" });
      throw error;
    }
  }

  /** Counts the attempt and waits for it, unless nobody is looking or it is the first. */
  async #pause(): Promise<void> {
    const retry = this.#retries;
    this.#retries = (retry ?? -1) + 1;
    if (retry === null || !this.#wanted) return;
    if (retry >= this.#options.maxReconnectAttempts) {
      this.stop({ name: "stopped", reason: "attempts" });
      return;
    }
    if (!isAwake()) return;
    const pause = pauseMs(this.#options.reconnectInterval, retry, Math.random());
    this.#become({ name: "waiting", attempt: retry + 1, pauseMs: pause });
    await this.#sleep(pause);
  }

  /** Until somebody wakes it, or at most so long. */
  #sleep(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #awakeChanged(): void {
    this.#wake();
    if (this.#state.name !== "open") return;
    // A socket without a network is dead, though the browser may take minutes to notice; of one that comes
    // back into view nobody knows, since timers slept.
    if (!isOnline()) this.#replace();
    else if (isAwake()) this.#ping();
  }

  #opened(): void {
    this.#become({ name: "open" });
    this.#heartbeat = setInterval(() => this.#ping(), this.#options.heartbeatInterval);
    this.#events.open();
  }

  /** Where the socket is being closed already, partysocket takes the next one without a word. */
  #replace(code?: number, reason?: string): void {
    this.#closed();
    this.#socket.reconnect(code, reason);
  }

  /** May come twice for the same end. */
  #closed(): void {
    clearInterval(this.#heartbeat);
    this.heard();
    if (this.#wanted && this.#state.name === "open") this.#become({ name: "connecting" });
    this.#events.gone();
  }

  #ping(): void {
    this.send({ action: "ping" });
    this.#deadline ??= setTimeout(() => {
      this.#deadline = undefined;
      this.#replace(4000, "no answer");
    }, PONG_MS);
  }

  #become(state: State): void {
    this.#state = state;
    this.#events.state(state);
  }
}
