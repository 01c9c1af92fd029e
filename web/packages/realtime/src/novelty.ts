import type { AddressedMessage, TranscodeProgress } from "./messages.ts";

/** Ids remembered; more than a `resume` can bring (2,000), so that a replay is recognised whole. */
const MAX_IDS = 4096;
/** Videos remembered: an admin hears of everybody's. */
const MAX_VIDEOS = 1000;

const ENDS: ReadonlySet<string> = new Set(["completed", "failed", "cancelled", "deleting"]);

/** Messages stored before there were runs in them count as the run that is known. */
interface Moment {
  generation: number;
  run?: number;
}

interface Video {
  generation: number;
  run: number;
  ended: boolean;
  progress: TranscodeProgress | null;
}

/**
 * What is news: each event once, though it comes on several channels, and the progress of a video never
 * goes backwards.
 */
export class Novelty {
  readonly #ids = new Map<string, true>();
  readonly #videos = new Map<number, Video>();

  /** Whether a message is worth telling; it is remembered. */
  admit(message: AddressedMessage): boolean {
    if (this.#ids.has(message.id)) return false;
    remember(this.#ids, message.id, true, MAX_IDS);
    if (message.type === "system_message") return true;
    if (message.type === "transcode_progress") return this.#advance(message);
    if (message.type === "transcode_failed" || message.final) this.#end(message);
    return true;
  }

  /** The newest progress of a video. */
  progress(videoId: number): TranscodeProgress | null {
    return this.#videos.get(videoId)?.progress ?? null;
  }

  #advance(next: TranscodeProgress): boolean {
    const known = this.#videos.get(next.video_id);
    const isEnd = ENDS.has(next.status);
    const order = known ? compare(next, known) : 1;
    if (known && (order < 0 || (order === 0 && isOlder(next, known, isEnd)))) return false;
    const ended = isEnd || (order === 0 && (known?.ended ?? false));
    const { generation, run = known?.run ?? 0 } = next as Moment;
    remember(this.#videos, next.video_id, { generation, run, ended, progress: next }, MAX_VIDEOS);
    return true;
  }

  #end(message: Moment & { video_id: number }): void {
    const known = this.#videos.get(message.video_id);
    if (known && compare(message, known) < 0) return;
    const { generation, run = known?.run ?? 0 } = message;
    const progress = known?.progress ?? null;
    remember(this.#videos, message.video_id, { generation, run, ended: true, progress }, MAX_VIDEOS);
  }
}

/** By generation, then by run. */
function compare(next: Moment, known: Video): number {
  return next.generation - known.generation || (next.run ?? known.run) - known.run;
}

/** Whether a progress of the same run says less than what is known. */
function isOlder(next: TranscodeProgress, known: Video, isEnd: boolean): boolean {
  if (known.ended && !isEnd) return true;
  const last = known.progress;
  if (!last) return false;
  return next.timestamp < last.timestamp || (!isEnd && next.progress < last.progress);
}

/** Puts an entry last, and drops the first ones beyond a limit. */
function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  for (const first of map.keys()) {
    if (map.size <= limit) return;
    map.delete(first);
  }
}
