import { ProblemError } from "./problem.ts";
import type { components } from "./schema.ts";
import type { Kept, TokenStore } from "./store.ts";

type Tokens = components["schemas"]["Tokens"];

/** Runs `work` while nobody else who knows the name does: tabs take turns to refresh. */
export type Lock = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;

/** A token this close to its end is renewed before it is used. */
const EARLY_MS = 60_000;
const LOCK = "videosite-session";

/**
 * Who is signed in. A refresh token works once, and used again it ends the session: so one refresh at a time,
 * in all tabs, and all who wait for it get its token.
 */
export class Session {
  readonly #root: string;
  readonly #store: TokenStore;
  readonly #fetch: typeof fetch;
  readonly #lock: Lock;
  readonly #ended = new Set<() => void>();
  #renewing: Promise<string | null> | null = null;
  #changing: Promise<void> = Promise.resolve();

  constructor(baseUrl: string, store: TokenStore, send: typeof fetch, lock: Lock) {
    this.#root = `${baseUrl}/api/v1`;
    this.#store = store;
    this.#fetch = send;
    this.#lock = lock;
  }

  get signedIn(): boolean {
    return this.#store.load() !== null;
  }

  /** Calls back when the session ended without `signOut`. Gives what stops that. */
  onEnd(listener: () => void): () => void {
    this.#ended.add(listener);
    return () => this.#ended.delete(listener);
  }

  async signIn(email: string, password: string): Promise<void> {
    const answer = await this.#post("auth/login", { email, password });
    if (!answer.ok) throw new ProblemError(answer, await bodyOf(answer));
    this.adopt((await answer.json()) as Tokens);
  }

  /**
   * Sets another password, which ends every other session. Whoever is refused meanwhile, as all tokens end, waits
   * for the new pair: a refresh with the old one would end this session, too.
   */
  changePassword(current: string, next: string): Promise<void> {
    const done = this.#change({ current_password: current, new_password: next });
    this.#changing = done.catch(() => {});
    return done;
  }

  /** Goes on with a pair that came another way. */
  adopt(tokens: Tokens): Kept {
    const kept = {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      expiresAtMs: Date.now() + tokens.expires_in * 1000,
    };
    this.#store.save(kept);
    return kept;
  }

  /** Signs out here, and at the site if it can be reached. */
  async signOut(): Promise<void> {
    const kept = this.#store.load();
    this.#store.save(null);
    if (kept) await this.#post("auth/logout", { refresh_token: kept.refreshToken }).catch(() => undefined);
  }

  /** An access token that is good for a while; null: nobody is signed in. Throws while the site is away. */
  async accessToken(): Promise<string | null> {
    const kept = this.#store.load();
    if (!kept) return null;
    if (Date.now() < kept.expiresAtMs - EARLY_MS) return kept.accessToken;
    try {
      return await this.renew(kept.accessToken);
    } catch (error) {
      if (Date.now() < kept.expiresAtMs) return kept.accessToken;
      throw error;
    }
  }

  /** Another access token than `stale`; null: the session has ended. Throws while the site is away. */
  renew(stale: string): Promise<string | null> {
    this.#renewing ??= this.#changing
      .then(() => this.#lock(LOCK, () => this.#renew(stale)))
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }

  async #change(body: object): Promise<void> {
    const token = await this.accessToken();
    // Other tabs wait by the lock, where browsers have locks; this one waits by `#changing`.
    await this.#lock(LOCK, async () => {
      const answer = await this.#post("users/me/password", body, token);
      if (!answer.ok) throw new ProblemError(answer, await bodyOf(answer));
      this.adopt((await answer.json()) as Tokens);
    });
  }

  async #renew(stale: string): Promise<string | null> {
    // Another tab may have been first.
    const kept = this.#store.load();
    if (!kept) return null;
    if (kept.accessToken !== stale) return kept.accessToken;
    const answer = await this.#post("auth/refresh", { refresh_token: kept.refreshToken });
    if (answer.ok) return this.adopt((await answer.json()) as Tokens).accessToken;
    const problem = new ProblemError(answer, await bodyOf(answer));
    if (answer.status !== 401 && answer.status !== 403) throw problem;
    this.#store.save(null);
    for (const listener of this.#ended) listener();
    return null;
  }

  #post(path: string, body: object, token: string | null = null): Promise<Response> {
    return this.#fetch(`${this.#root}/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
  }
}

async function bodyOf(answer: Response): Promise<unknown> {
  return answer.json().catch(() => null);
}
