import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What came in. */
export interface Asked {
  method: string;
  path: string;
  token: string | null;
  body: unknown;
}

type Reply = { status: number; body?: unknown; headers?: Record<string, string> };

/** A site that knows one account: refresh tokens work once, access tokens until `expire`. */
export class ScriptedSite {
  readonly asked: Asked[] = [];
  /** "METHOD path" to what is answered instead, once each. */
  readonly script = new Map<string, Reply[]>();
  /** Answers of `POST auth/refresh` wait for this. */
  hold: Promise<void> = Promise.resolve();
  expiresInS = 900;
  #pair = 0;
  #good = "";
  #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<ScriptedSite> {
    const site = new ScriptedSite();
    await new Promise<void>((resolve) => site.#server.listen(0, "127.0.0.1", resolve));
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The access token is refused from now on. */
  expire(): void {
    this.#good = "";
  }

  /** How often a route was asked. */
  count(path: string): number {
    return this.asked.filter((one) => one.path === path).length;
  }

  stop(): Promise<unknown> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    const path = request.url ?? "";
    const asked = {
      method: request.method ?? "",
      path,
      token: request.headers.authorization?.replace("Bearer ", "") ?? null,
      body: text ? JSON.parse(text) : null,
    };
    this.asked.push(asked);
    const scripted = this.script.get(`${asked.method} ${path}`)?.shift();
    const reply = scripted ?? (await this.#answer(asked));
    const kind = reply.status < 400 ? "application/json" : "application/problem+json";
    response.writeHead(reply.status, { "Content-Type": kind, ...reply.headers });
    response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
  }

  async #answer({ path, token, body }: Asked): Promise<Reply> {
    if (path === "/api/v1/auth/login") {
      const right = (body as { password: string }).password === "correct horse";
      return right ? this.#tokens() : problem(401, "bad_credentials");
    }
    if (path === "/api/v1/auth/refresh") {
      await this.hold;
      const good = (body as { refresh_token: string }).refresh_token === `r${this.#pair}`;
      return good ? this.#tokens() : problem(401, "bad_refresh_token");
    }
    if (path === "/api/v1/auth/logout") return { status: 200, body: {} };
    if (token && token !== this.#good) return problem(401, "expired_token");
    return token ? { status: 200, body: { asked: path, echo: body } } : problem(401, "not_signed_in");
  }

  #tokens(): Reply {
    this.#pair += 1;
    this.#good = `a${this.#pair}`;
    const body = {
      access_token: this.#good,
      refresh_token: `r${this.#pair}`,
      expires_in: this.expiresInS,
      token_type: "Bearer",
    };
    return { status: 200, body };
  }
}

export function problem(status: number, code: string, more: object = {}): Reply {
  const body = { type: `urn:videosite:problem:${code}`, title: "", status, detail: "It was refused.", code };
  return { status, body: { ...body, ...more } };
}
