import { Emitter } from "./emitter.ts";
import { Line, type State } from "./line.ts";
import type {
  AddressedMessage,
  ErrorMessage,
  Pong,
  Resumed,
  ServerMessage,
  TranscodeProgress,
} from "./messages.ts";
import { Novelty } from "./novelty.ts";
import type { RealtimeEvents, RealtimeOptions } from "./options.ts";
import { isAddressed, parse } from "./parse.ts";
import { Positions } from "./positions.ts";
import { type RequestError, Requests } from "./requests.ts";
import { within } from "./within.ts";

/** The socket is refreshed when it has so long to live, or three heartbeats. */
const REFRESH_MS = 120_000;
const TICKET_MS = 20_000;
/** Pongs from one check to the next: five minutes. */
const PONGS_PER_CHECK = 10;

/**
 * VideoSite's live messages: one socket that comes back, resumes where it was, and tells each message once and
 * in order.
 */
export class RealtimeClient {
  readonly #options: Required<RealtimeOptions>;
  readonly #home: readonly string[];
  readonly #emitter = new Emitter<RealtimeEvents>();
  readonly #positions = new Positions();
  readonly #novelty = new Novelty();
  readonly #line: Line;
  readonly #requests: Requests;
  /** Video to how many want to hear of it. */
  readonly #subscriptions = new Map<number, number>();
  #refreshing = false;
  /** Since it was asked whether anything was missed. */
  #pongs = 0;

  /**
   * @throws TypeError where `url` is no address
   */
  constructor(options: RealtimeOptions) {
    this.#options = {
      autoConnect: true,
      maxReconnectAttempts: Number.POSITIVE_INFINITY,
      reconnectInterval: 3000,
      heartbeatInterval: 30_000,
      ...options,
    };
    const { who } = options;
    const url = new URL(options.url).href;
    const own = who.scope === "admin" ? "admin" : `user#${who.userId}`;
    this.#home = [own, "all"];
    this.#line = new Line(
      { ...this.#options, ticket: () => this.#ticket(), url: who.scope === "admin" ? `${url}/admin` : url },
      {
        state: (state) => this.#emitter.emit("state", state),
        open: () => this.#opened(),
        data: (data) => this.#hear(data),
        gone: () => this.#requests.clear(),
      },
    );
    this.#requests = new Requests(
      (frame) => this.#line.send(frame),
      () => this.state.name === "open",
    );
    if (this.#options.autoConnect) this.connect();
  }

  /** How the connection stands. */
  get state(): State {
    return this.#line.state;
  }

  /** Connects, or tries again now. Nothing where a socket is open. */
  connect(): void {
    this.#line.start();
  }

  /** Closes the socket. Listeners, subscriptions and positions stay for the next `connect()`. */
  close(): void {
    this.#line.stop();
  }

  /** Listens to one kind of event; returns how to stop that. */
  on<Kind extends keyof RealtimeEvents>(
    kind: Kind,
    listener: (event: RealtimeEvents[Kind]) => void,
  ): () => void {
    return this.#emitter.on(kind, listener);
  }

  /**
   * Hears of a video beyond one's own, whenever the socket is open; returns how to end that.
   *
   * The newest progress comes at once, unless it was told already: then it is in `progress()`.
   */
  subscribe(videoId: number): () => void {
    const wanted = this.#subscriptions.get(videoId) ?? 0;
    this.#subscriptions.set(videoId, wanted + 1);
    if (wanted === 0) this.#follow(videoId);
    let ended = false;
    return () => {
      if (!ended) this.#unsubscribe(videoId);
      ended = true;
    };
  }

  /** The newest progress of a video that was told. */
  progress(videoId: number): TranscodeProgress | null {
    return this.#novelty.progress(videoId);
  }

  /**
   * Marks notifications as read, up to 50 by their ids or all; gives how many are left unread.
   *
   * @throws RequestError where there is no socket, for one; the HTTP API does the same
   */
  async markRead(which: readonly string[] | "all"): Promise<number> {
    const answer = await this.#requests.ask(
      () => (which === "all" ? { action: "read", all: true } : { action: "read", ids: [...which] }),
      (message) => (message.type === "read" ? "whole" : "no"),
    );
    return answer.type === "read" ? answer.unread : 0;
  }

  #opened(): void {
    this.#pongs = 0;
    this.#recover(this.#home);
    for (const videoId of this.#subscriptions.keys()) this.#follow(videoId);
  }

  #hear(data: unknown): void {
    // Also what cannot be read: API Gateway's own answer where a function is throttled.
    this.#line.heard();
    const message = parse(data);
    if (!message) return;
    if (message.type !== "error") this.#line.works();
    if (isAddressed(message)) this.#take(message);
    else if (message.type === "resumed") this.#resumed(message);
    else if (message.type === "pong") this.#pong(message);
    else if (message.type === "read") this.#emitter.emit("unread", message.unread);
    else if (message.type === "error") this.#refused(message);
    const asked = this.#requests.hear(message);
    if (message.type === "unsubscribed" && !asked) this.#dropped(message.video_id);
  }

  // --- messages ---------------------------------------------------------------------------------

  #take(message: AddressedMessage): void {
    const { channel, seq } = message;
    if (seq === undefined || !this.#hears(channel)) {
      this.#tell([message]);
      return;
    }
    this.#tell(this.#positions.take(message, seq));
    this.#fill(channel);
  }

  #resumed(part: Resumed): void {
    const first = !this.#positions.knows(part.channel);
    this.#tell(this.#positions.resume(part));
    if (part.more) return;
    this.#emitter.emit("recovery", { channel: part.channel, recovered: part.recovered, first });
    this.#fill(part.channel);
  }

  #tell(messages: readonly AddressedMessage[]): void {
    for (const message of messages) {
      if (!this.#novelty.admit(message)) continue;
      // Each kind has its own event; the compiler cannot follow that through a union.
      this.#emitter.emit(message.type, message as never);
    }
  }

  /** A hole in the numbers means the same as a lost socket: something was missed. */
  #fill(channel: string): void {
    if (this.#positions.hasGap(channel)) this.#recover([channel]);
  }

  /** Whether a channel is still wanted: messages of one that was just unsubscribed may be under way. */
  #hears(channel: string): boolean {
    return this.#home.includes(channel) || this.#subscriptions.has(Number(channel.replace("video#", "")));
  }

  // --- requests ---------------------------------------------------------------------------------

  #recover(channels: readonly string[]): void {
    const open = new Set(channels);
    const part = (message: ServerMessage): "no" | "part" | "whole" => {
      if (message.type !== "resumed" || !open.has(message.channel)) return "no";
      if (!message.more) open.delete(message.channel);
      return open.size === 0 ? "whole" : "part";
    };
    // From now on, not from when it is its turn: what comes meanwhile has to wait.
    this.#positions.ask(open);
    this.#requests
      .ask(() => ({ action: "resume", positions: this.#positions.ask(open) }), part)
      .catch((error: RequestError) => {
        // After a lost socket the next one asks again.
        if (error.code !== "disconnected") for (const channel of open) this.#lost(channel);
      });
  }

  /** What was lost at the end of a channel leaves no hole until more is said: so it is asked for, too. */
  #check(): void {
    this.#pongs = 0;
    this.#recover(this.#home);
    // One at a time: those of videos that are gone are refused.
    for (const videoId of this.#subscriptions.keys()) {
      const channel = `video#${videoId}`;
      if (this.#positions.knows(channel)) this.#recover([channel]);
    }
  }

  #lost(channel: string): void {
    if (!this.#hears(channel)) return;
    const first = !this.#positions.knows(channel);
    this.#tell(this.#positions.giveUp(channel));
    this.#emitter.emit("recovery", { channel, recovered: false, first });
  }

  #follow(videoId: number): void {
    const channel = `video#${videoId}`;
    this.#requests
      .ask(
        () => ({ action: "subscribe", video_id: videoId }),
        (message) => (message.type === "transcode_progress" && message.channel === channel ? "whole" : "no"),
      )
      .then(() => {
        if (this.#hears(channel)) this.#recover([channel]);
      })
      .catch((error: RequestError) => {
        const { code, message } = error;
        if (code !== "disconnected")
          this.#emitter.emit("problem", { action: "subscribe", code, message, videoId });
      });
  }

  /** The server lets it be heard no more, as where a role became smaller: asked for again, it says why. */
  #dropped(videoId: number): void {
    if (this.#subscriptions.has(videoId)) this.#follow(videoId);
  }

  #unsubscribe(videoId: number): void {
    const wanted = (this.#subscriptions.get(videoId) ?? 0) - 1;
    if (wanted > 0) {
      this.#subscriptions.set(videoId, wanted);
      return;
    }
    this.#subscriptions.delete(videoId);
    const channel = `video#${videoId}`;
    this.#positions.forget(channel);
    this.#requests
      .ask(
        () => ({ action: "unsubscribe", video_id: videoId }),
        (message) => (message.type === "unsubscribed" && message.channel === channel ? "whole" : "no"),
      )
      // The worst is to hear of it until the socket ends.
      .catch(() => {});
  }

  /** Both times are the server's, so that a wrong clock here does not matter. */
  #pong(message: Pong): void {
    this.#pongs += 1;
    if (this.#pongs >= PONGS_PER_CHECK) this.#check();
    const left = Date.parse(message.expires_at) - Date.parse(message.timestamp);
    if (left <= Math.max(REFRESH_MS, 3 * this.#options.heartbeatInterval)) void this.#refresh();
  }

  /** One that never came would stand in the way of all others. */
  #ticket(): Promise<string> {
    return within(TICKET_MS, this.#options.ticket());
  }

  async #refresh(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      const token = await this.#ticket();
      await this.#requests.ask(
        () => ({ action: "refresh", token }),
        (message) => (message.type === "refreshed" ? "whole" : "no"),
      );
    } catch {
      // The next pong tries again; in the end the socket is closed, and the next one tells what is wrong.
    } finally {
      this.#refreshing = false;
    }
  }

  /** Errors of subscribe are told by the request, which knows the video. */
  #refused(message: ErrorMessage): void {
    const { action, code, message: text } = message;
    if (action !== "subscribe") this.#emitter.emit("problem", { action, code, message: text });
  }
}
