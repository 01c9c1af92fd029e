import type { TranscodeProgress } from "@videosite/realtime";

const KEY = "videosite.started";
const MOST = 200;
/** Before this a transcode has only begun: afterwards it is one that was under way when the page was opened. */
const EARLY_PERCENT = 15;

/** Tells the beginning of a transcode from its progress, once, reloads of the page included. */
export class Starts {
  readonly #seen: string[];

  constructor() {
    this.#seen = read();
  }

  /** Whether a progress is the first of its run, and early enough to be a beginning. */
  begins({ video_id, generation, run, status, progress }: TranscodeProgress): boolean {
    const key = `${video_id}.${generation}.${run}`;
    if (status !== "processing" || this.#seen.includes(key)) return false;
    this.#seen.push(key);
    if (this.#seen.length > MOST) this.#seen.shift();
    sessionStorage.setItem(KEY, JSON.stringify(this.#seen));
    return progress < EARLY_PERCENT;
  }
}

function read(): string[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
