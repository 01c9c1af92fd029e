import type { components } from "../api/schema.d.ts";

type Tokens = components["schemas"]["Tokens"];

const KEY = "videosite.session";
const LOCK = "videosite.session";
/** Access tokens are renewed so long before they end. */
const EARLY_MS = 30_000;

/** What a browser keeps of a session. `id` tells one sign-in from the next, across tabs. */
interface Kept {
  id: string;
  refreshToken: string;
}

/** The server refuses the refresh token: signing in again is all that helps. */
class RefusedError extends Error {}

/**
 * Somebody signed in, in all tabs of this browser.
 *
 * The refresh token is kept, the access token lives in memory only. Each refresh token works once, so tabs take
 * turns (Web Locks) and read the newest one when it is their turn.
 */
export class Session {
  #access: { token: string; endsAtMs: number } | null = null;
  #renewing: Promise<string | null> | null = null;
  #id: string | null;
  readonly #listeners = new Set<() => void>();

  constructor() {
    this.#id = keptSession()?.id ?? null;
    window.addEventListener("storage", (event) => {
      if (event.key !== KEY && event.key !== null) return;
      const id = keptSession()?.id ?? null;
      if (id !== this.#id) this.#become(id);
    });
  }

  /** Who is signed in, as an id of the sign-in; null if nobody is. */
  get id(): string | null {
    return this.#id;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Signs in. Gives the server's answer where it refuses. */
  async signIn(email: string, password: string): Promise<Response | null> {
    const answer = await post("login", { email, password });
    if (!answer.ok) return answer;
    const tokens = (await answer.json()) as Tokens;
    const id = crypto.randomUUID();
    this.#keep(id, tokens);
    this.#become(id, tokens);
    return null;
  }

  /** Signs out here and at the server; without a network, here. */
  async signOut(): Promise<void> {
    const kept = keptSession();
    localStorage.removeItem(KEY);
    this.#become(null);
    if (kept) await post("logout", { refresh_token: kept.refreshToken }).catch(() => {});
  }

  /**
   * An access token that is good for a while; null if nobody is signed in.
   *
   * @throws TypeError without a network
   */
  async accessToken(): Promise<string | null> {
    if (this.#access && this.#access.endsAtMs - EARLY_MS > Date.now()) return this.#access.token;
    return this.renew();
  }

  /** A new access token, since the one there is was refused, though its time was not up. */
  renew(): Promise<string | null> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(): Promise<string | null> {
    try {
      return await exclusively(async () => {
        const kept = keptSession();
        if (!kept) return null;
        const answer = await post("refresh", { refresh_token: kept.refreshToken });
        if (answer.status === 401 || answer.status === 403) throw new RefusedError();
        if (!answer.ok) throw new TypeError(`refresh: HTTP ${answer.status}`);
        const tokens = (await answer.json()) as Tokens;
        // Somebody may have signed out meanwhile.
        if (keptSession()?.id !== kept.id) return null;
        this.#keep(kept.id, tokens);
        this.#remember(tokens);
        return tokens.access_token;
      });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      localStorage.removeItem(KEY);
      this.#become(null);
      return null;
    }
  }

  #keep(id: string, tokens: Tokens): void {
    const kept: Kept = { id, refreshToken: tokens.refresh_token };
    localStorage.setItem(KEY, JSON.stringify(kept));
  }

  #remember(tokens: Tokens): void {
    this.#access = { token: tokens.access_token, endsAtMs: Date.now() + tokens.expires_in * 1000 };
  }

  #become(id: string | null, tokens?: Tokens): void {
    this.#access = null;
    if (tokens) this.#remember(tokens);
    this.#id = id;
    for (const listener of this.#listeners) listener();
  }
}

function keptSession(): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Partial<Kept> | null;
    return kept?.id && kept.refreshToken ? { id: kept.id, refreshToken: kept.refreshToken } : null;
  } catch {
    return null;
  }
}

/** One tab at a time. `navigator.locks` is missing on addresses that are neither https nor localhost. */
function exclusively<Value>(work: () => Promise<Value>): Promise<Value> {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

function post(action: "login" | "refresh" | "logout", body: object): Promise<Response> {
  return fetch(`/api/v1/auth/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

export const session = new Session();
