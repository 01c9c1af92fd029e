/** The tokens of a session, as they are kept. */
export interface Kept {
  accessToken: string;
  refreshToken: string;
  /** Unix milliseconds, by this machine's clock. */
  expiresAtMs: number;
}

/** Where a session's tokens are kept. Tabs that share a place share the session. */
export interface TokenStore {
  load(): Kept | null;
  save(kept: Kept | null): void;
}

/** Keeps tokens as long as the page lives. */
export function inMemory(): TokenStore {
  let kept: Kept | null = null;
  return {
    load: () => kept,
    save: (next) => {
      kept = next;
    },
  };
}

/** Keeps tokens in `localStorage`, shared by all tabs. Whatever script runs on the page can read them. */
export function inLocalStorage(key = "videosite.session", storage: Storage = localStorage): TokenStore {
  return {
    load: () => {
      try {
        const kept = JSON.parse(storage.getItem(key) ?? "null") as Kept | null;
        return kept && typeof kept.refreshToken === "string" ? kept : null;
      } catch {
        return null;
      }
    },
    save: (kept) => {
      if (kept) storage.setItem(key, JSON.stringify(kept));
      else storage.removeItem(key);
    },
  };
}
