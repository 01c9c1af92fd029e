/** What is remembered of an upload across reloads. */
export interface Kept {
  readonly key: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly videoId: number;
  readonly sentBytes: number;
}

/**
 * A user's uploads as the browser remembers them: an entry each, so that tabs do not write over each other's.
 */
export class KeptUploads {
  readonly #prefix: string;

  constructor(userId: string) {
    this.#prefix = `videosite.upload.${userId}.`;
  }

  all(): Kept[] {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(this.#prefix))
      .flatMap((name) => this.read(name.slice(this.#prefix.length)) ?? []);
  }

  read(key: string): Kept | null {
    try {
      return JSON.parse(localStorage.getItem(this.#prefix + key) ?? "null") as Kept | null;
    } catch {
      return null;
    }
  }

  write(kept: Kept): void {
    localStorage.setItem(this.#prefix + kept.key, JSON.stringify(kept));
  }

  drop(key: string): void {
    localStorage.removeItem(this.#prefix + key);
  }

  /**
   * Waits until no other tab has an upload, and has it until `signal`; resolves when it is this tab's.
   *
   * Browsers keep locks from pages without TLS (but this machine's own): then every tab has every upload.
   *
   * @throws the signal's reason, where it comes first
   */
  own(key: string, signal: AbortSignal): Promise<void> {
    if (!navigator.locks) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const held = () =>
        new Promise<void>((release) => {
          signal.addEventListener("abort", () => release(), { once: true });
          resolve();
        });
      navigator.locks.request(this.#prefix + key, { signal }, held).catch(reject);
    });
  }
}
