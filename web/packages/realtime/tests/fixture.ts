import { afterEach, beforeEach, vi } from "vitest";
import { RealtimeClient, type RealtimeEvents, type RealtimeOptions } from "../src/index.ts";
import { Server, until } from "./server.ts";

/** A server and clients for a test, with a clock that stands still. */
export class Site {
  server!: Server;
  tickets = 0;
  readonly clients: RealtimeClient[] = [];

  client(options: Partial<RealtimeOptions> = {}): RealtimeClient {
    const client = new RealtimeClient({
      url: this.server.url,
      who: { scope: "user", userId: "ada" },
      ticket: () => this.ticket(),
      ...options,
    });
    this.clients.push(client);
    return client;
  }

  async ticket(): Promise<string> {
    this.tickets += 1;
    return `ticket-${this.tickets}`;
  }

  /** A client whose socket is open and knows where its channels stand. */
  async ready(options: Partial<RealtimeOptions> = {}): Promise<RealtimeClient> {
    const client = this.client(options);
    const recovered = record(client, "recovery");
    await settle(() => recovered.length === 2);
    return client;
  }

  /** Waits until the client has lost its socket and opened the next one. */
  async back(client: RealtimeClient): Promise<void> {
    const { length } = this.server.connections;
    await passPause(client);
    await settle(() => this.server.connections.length > length && client.state.name === "open");
  }

  async start(): Promise<void> {
    this.tickets = 0;
    this.server = await Server.start();
  }

  stop(): void {
    for (const client of this.clients.splice(0)) client.close();
    this.server.stop();
  }
}

export function withSite(): Site {
  const site = new Site();
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
    await site.start();
  });
  afterEach(() => {
    site.stop();
    vi.useRealTimers();
  });
  return site;
}

/** All events of a kind, as they come. */
export function record<Kind extends keyof RealtimeEvents>(
  client: RealtimeClient,
  kind: Kind,
): RealtimeEvents[Kind][] {
  const events: RealtimeEvents[Kind][] = [];
  client.on(kind, (event) => events.push(event));
  return events;
}

/** Lets I/O and timers that are due now happen until something is so. */
export async function settle(what: () => unknown): Promise<void> {
  await until(() => {
    vi.advanceTimersByTime(0);
    return what();
  });
}

/** Lets everything under way happen. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    vi.advanceTimersByTime(0);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Waits for the client's next pause and jumps to its end. */
export async function passPause(client: RealtimeClient): Promise<void> {
  await settle(() => client.state.name === "waiting");
  const { state } = client;
  if (state.name === "waiting") vi.advanceTimersByTime(Math.ceil(state.pauseMs));
  await settle(() => client.state !== state);
}
