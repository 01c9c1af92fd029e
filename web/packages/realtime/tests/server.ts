import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { AddressedMessage, ClientRequest, ServerMessage } from "../src/messages.ts";

type Answer = (request: ClientRequest, connection: Connection) => object[] | undefined;

/** One socket as the server sees it. */
export class Connection {
  readonly path: string;
  readonly token: string;
  readonly requests: ClientRequest[] = [];
  readonly socket: WebSocket;

  constructor(socket: WebSocket, address: string) {
    const url = new URL(address, "ws://server");
    this.path = url.pathname;
    this.token = url.searchParams.get("token") ?? "";
    this.socket = socket;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  asked<Action extends ClientRequest["action"]>(
    action: Action,
  ): Extract<ClientRequest, { action: Action }>[] {
    return this.requests.filter((request) => request.action === action) as never;
  }
}

/** A server on a real port that keeps channels as ours does, and whose answers a test may replace. */
export class Server {
  readonly connections: Connection[] = [];
  /** Refuses the handshake while true. */
  refuses = false;
  /** Does not answer handshakes while true; `held` answers them. */
  holds = false;
  readonly held: ((admitted: boolean) => void)[] = [];
  /** What a test says instead of the usual answer; undefined: the usual one. */
  answer: Answer = () => undefined;
  /** Seconds a socket has to live, as pongs say. */
  leftS = 3600;
  readonly #channels = new Map<string, AddressedMessage[]>();
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on("connection", (socket, request) => {
      const connection = new Connection(socket, request.url ?? "");
      this.connections.push(connection);
      socket.on("message", (data) => this.#hear(connection, JSON.parse(String(data))));
    });
  }

  static async start(): Promise<Server> {
    let self: Server | undefined;
    const sockets = new WebSocketServer({
      port: 0,
      host: "127.0.0.1",
      verifyClient: (_: unknown, decide: (admitted: boolean) => void) => {
        if (self?.holds) self.held.push(decide);
        else decide(!self?.refuses);
      },
    });
    await once(sockets, "listening");
    self = new Server(sockets);
    return self;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v1/ws`;
  }

  get open(): Connection[] {
    return this.connections.filter((connection) => connection.isOpen);
  }

  /** The newest connection. */
  get last(): Connection {
    const last = this.connections.at(-1);
    if (!last) throw new Error("nobody connected");
    return last;
  }

  /** Stores a message on a channel and posts it to all sockets, unless it is lost on the way. */
  say(channel: string, fields: object, lost = false): AddressedMessage {
    const stored = this.#stored(channel);
    const message = { ...fields, channel, seq: stored.length + 1 } as AddressedMessage;
    stored.push(message);
    if (!lost) this.post(message);
    return message;
  }

  /** Sends something to all sockets. */
  post(message: object): void {
    for (const connection of this.open) connection.send(message);
  }

  stop(): void {
    for (const connection of this.connections) connection.socket.terminate();
    this.#server.close();
  }

  #hear(connection: Connection, request: ClientRequest): void {
    connection.requests.push(request);
    for (const frame of this.answer(request, connection) ?? this.usual(request)) connection.send(frame);
  }

  usual(request: ClientRequest): object[] {
    switch (request.action) {
      case "ping":
        return [pong(this.leftS)];
      case "resume":
        return Object.entries(request.positions).map(([channel, seq]) => this.#resumed(channel, seq));
      case "subscribe":
        return [{ ...progress(request.video_id, 10), channel: `video#${request.video_id}` }];
      case "unsubscribe":
        return [{ type: "unsubscribed", video_id: request.video_id, channel: `video#${request.video_id}` }];
      case "read":
        return [{ type: "read", unread: request.all ? 0 : 1 }];
      case "refresh":
        return [{ type: "refreshed", expires_at: "2026-01-01T01:00:00Z" }];
    }
  }

  #resumed(channel: string, seq: number | null): ServerMessage {
    const stored = this.#stored(channel);
    const recovered = seq !== null && seq <= stored.length;
    const messages = recovered ? stored.slice(seq) : [];
    return { type: "resumed", channel, recovered, seq: stored.length, messages, more: false };
  }

  #stored(channel: string): AddressedMessage[] {
    const stored = this.#channels.get(channel) ?? [];
    this.#channels.set(channel, stored);
    return stored;
  }
}

/** The server's times are its own: here they are years off. */
export function pong(leftS: number): object {
  const now = Date.parse("2031-01-01T00:00:00Z");
  const at = (ms: number) => new Date(ms).toISOString();
  return { type: "pong", timestamp: at(now), expires_at: at(now + leftS * 1000) };
}

export function system(text: string, level = "info"): object {
  return { type: "system_message", id: `system.${text}`, message: text, level };
}

export function progress(videoId: number, percent: number, fields: object = {}): object {
  return {
    type: "transcode_progress",
    id: `${videoId}.progress.${percent}.${JSON.stringify(fields)}`,
    video_id: videoId,
    generation: 1,
    run: 1,
    status: "processing",
    progress: percent,
    timestamp: "2026-01-01T00:00:00Z",
    ...fields,
  };
}

export function complete(videoId: number, final: boolean, fields: object = {}): object {
  const id = `${videoId}.complete.${final}`;
  return { type: "transcode_complete", id, video_id: videoId, generation: 1, run: 1, final, ...fields };
}

/** Lets I/O happen until something is so. Timers may be faked: no clock is used. */
export async function until(what: () => unknown, turns = 100_000): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    if (what()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`never: ${what}`);
}
