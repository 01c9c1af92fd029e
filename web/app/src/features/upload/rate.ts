const WINDOW_MS = 8000;

/** How fast bytes go, over the last seconds. */
export class Rate {
  readonly #samples: { atMs: number; bytes: number }[] = [];

  /** Notes how many bytes were sent until now. Less than before, as when a part is sent anew, starts over. */
  note(bytes: number, nowMs: number): void {
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.#samples.length = 0;
    this.#samples.push({ atMs: nowMs, bytes });
    while (this.#samples.length > 2 && nowMs - (this.#samples[1]?.atMs ?? nowMs) >= WINDOW_MS) {
      this.#samples.shift();
    }
  }

  /** Bytes per second; null before it can be said. */
  get bytesPerS(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.atMs - first.atMs < 500) return null;
    return ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1000;
  }

  clear(): void {
    this.#samples.length = 0;
  }
}
