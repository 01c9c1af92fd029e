import type { TranscodeProgress } from "@videosite/realtime";

/** The newest progress of each video, for whoever wants to know of one or of all. */
export class ProgressStore {
  #all: ReadonlyMap<number, TranscodeProgress> = new Map();
  readonly #listeners = new Set<() => void>();

  /** A new map with each change, so that it can be compared by identity. */
  get all(): ReadonlyMap<number, TranscodeProgress> {
    return this.#all;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The client package lets nothing through that is older than what was told. */
  set(progress: TranscodeProgress): void {
    this.#all = new Map(this.#all).set(progress.video_id, progress);
    for (const listener of this.#listeners) listener();
  }
}
