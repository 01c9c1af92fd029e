import type { Site } from "@videosite/api";
import { site } from "../api/client.ts";
import { randomId } from "../ui/randomId.ts";

const KEY = "videosite.sign-in";

/**
 * Who is signed in, in all tabs of this browser, as an id of the sign-in: another one means another account, or
 * the same one anew. Tokens are `@videosite/api`'s.
 */
export class SignIns {
  readonly #session: Site["session"];
  #id: string | null;
  readonly #listeners = new Set<() => void>();

  constructor(session: Site["session"]) {
    this.#session = session;
    this.#id = this.#kept();
    session.onEnd(() => this.#become(null));
    window.addEventListener("storage", (event) => {
      if (event.key !== KEY && event.key !== null) return;
      const id = this.#kept();
      if (id !== this.#id) this.#tell(id);
    });
  }

  /** The sign-in; null if nobody is signed in. */
  get id(): string | null {
    return this.#id;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /**
   * @throws ProblemError where the server refuses, TypeError without a network
   */
  async signIn(email: string, password: string): Promise<void> {
    await this.#session.signIn(email, password);
    this.#become(randomId());
  }

  async signOut(): Promise<void> {
    const done = this.#session.signOut();
    this.#become(null);
    await done;
  }

  #kept(): string | null {
    return this.#session.signedIn ? localStorage.getItem(KEY) : null;
  }

  #become(id: string | null): void {
    if (id) localStorage.setItem(KEY, id);
    else localStorage.removeItem(KEY);
    this.#tell(id);
  }

  #tell(id: string | null): void {
    this.#id = id;
    for (const listener of this.#listeners) listener();
  }
}

export const signIns = new SignIns(site.session);
