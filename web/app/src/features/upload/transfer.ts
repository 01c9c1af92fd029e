import { ProblemError } from "@videosite/api";
import { api, ask, isPassing, type Schema } from "../../api/client.ts";
import { StorageError, send } from "./send.ts";

export type Way = Schema<"VideoCreated">["upload"];
type PartsWay = Schema<"PartsUpload">;

const PARALLEL_PARTS = 3;
const SIGNED_AT_ONCE = 50;
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 1000;

export interface Transfer {
  file: File;
  videoId: number;
  /** How to send it, where that is known already; asked for otherwise. */
  way: Way | null;
  /** Bytes that storage has or that are on their way to it. */
  onSent: (bytes: number) => void;
  signal: AbortSignal;
}

/**
 * Brings a file into storage: all of it, or what is missing there; then says that it is there.
 *
 * @throws ProblemError, StorageError, or what the signal was aborted with
 */
export async function transfer({ file, videoId, way: given, onSent, signal }: Transfer): Promise<void> {
  const path = { video_id: videoId };
  let way = given;
  let stored: readonly number[] = [];
  if (!way) {
    const found = await resume(videoId, signal);
    // It arrived, though the answer to that was lost.
    if (!found) return;
    way = found.upload;
    stored = found.stored.map((part) => part.number);
  }
  if (way.kind === "post") await sendForm(file, videoId, way, onSent, signal);
  else await sendParts(file, videoId, way, new Set(stored), onSent, signal);
  onSent(file.size);
  await patiently(
    () => ask(api.POST("/api/v1/videos/{video_id}/upload/complete", { params: { path }, signal })),
    signal,
  );
}

/** How to go on; null if there is nothing left to do. */
async function resume(videoId: number, signal: AbortSignal): Promise<Schema<"UploadState"> | null> {
  const path = { video_id: videoId };
  try {
    return await patiently(
      () => ask(api.GET("/api/v1/videos/{video_id}/upload", { params: { path }, signal })),
      signal,
    );
  } catch (error) {
    if (error instanceof ProblemError && error.code === "upload_ended") {
      // Whether it was told to the pipeline is not known; saying it again does no harm.
      await ask(api.POST("/api/v1/videos/{video_id}/upload/complete", { params: { path }, signal }));
      return null;
    }
    throw error;
  }
}

async function sendForm(
  file: File,
  videoId: number,
  first: Schema<"FormUpload">,
  onSent: Transfer["onSent"],
  signal: AbortSignal,
): Promise<void> {
  let way: Schema<"FormUpload"> | null = first;
  await patiently(async () => {
    if (!way) {
      // The form may be too old by now, or the file may have arrived after all.
      const found = await resume(videoId, signal);
      if (found?.upload.kind !== "post") return;
      way = found.upload;
    }
    const form = new FormData();
    for (const [name, value] of Object.entries(way.fields)) form.append(name, value);
    form.append("file", file);
    const { url } = way;
    way = null;
    onSent(0);
    await send("POST", url, form, (bytes) => onSent(Math.min(bytes, file.size)), signal);
  }, signal);
}

async function sendParts(
  file: File,
  videoId: number,
  way: PartsWay,
  stored: ReadonlySet<number>,
  onSent: Transfer["onSent"],
  signal: AbortSignal,
): Promise<void> {
  const size = way.part_size_bytes;
  const bytesOf = (part: number) => Math.min(size, file.size - (part - 1) * size);
  const missing: number[] = [];
  /** Part to how many of its bytes were sent. */
  const sent = new Map<number, number>();
  for (let part = 1; part <= way.part_count; part++) {
    if (stored.has(part)) sent.set(part, bytesOf(part));
    else missing.push(part);
  }
  const tell = () => onSent([...sent.values()].reduce((sum, bytes) => sum + bytes, 0));
  tell();
  const addresses = new Addresses(videoId, way.parts, missing, signal);
  // One part that fails for good ends the others.
  const all = new AbortController();
  const either = AbortSignal.any([signal, all.signal]);
  const work = async () => {
    for (let part = missing.shift(); part !== undefined; part = missing.shift()) {
      const number = part;
      const blob = file.slice((number - 1) * size, (number - 1) * size + bytesOf(number));
      await patiently(async () => {
        const url = await addresses.of(number);
        await send(
          "PUT",
          url,
          blob,
          (bytes) => {
            sent.set(number, Math.min(bytes, blob.size));
            tell();
          },
          either,
        );
      }, either);
      sent.set(number, blob.size);
      tell();
    }
  };
  try {
    await Promise.all(Array.from({ length: PARALLEL_PARTS }, work));
  } catch (error) {
    all.abort(error);
    throw error;
  }
}

/** Addresses of parts. Each is given once: who asks again had no luck with it, and gets a fresh one. */
class Addresses {
  readonly #videoId: number;
  readonly #known: Map<number, string>;
  /** Parts nobody has asked for yet; shared with who takes them. */
  readonly #waiting: readonly number[];
  readonly #signal: AbortSignal;
  #asking: Promise<void> = Promise.resolve();

  constructor(videoId: number, known: PartsWay["parts"], waiting: readonly number[], signal: AbortSignal) {
    this.#videoId = videoId;
    this.#known = new Map(known.map((part) => [part.number, part.url]));
    this.#waiting = waiting;
    this.#signal = signal;
  }

  async of(part: number): Promise<string> {
    const url = this.#take(part);
    if (url) return url;
    // One request at a time: it brings those of the next parts, too.
    const before = this.#asking;
    let done = () => {};
    this.#asking = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await before;
      const found = this.#take(part);
      if (found) return found;
      const next = this.#waiting.filter((one) => !this.#known.has(one)).slice(0, SIGNED_AT_ONCE - 1);
      const page = await ask(
        api.POST("/api/v1/videos/{video_id}/upload/parts", {
          params: { path: { video_id: this.#videoId } },
          body: { numbers: [part, ...next] },
          signal: this.#signal,
        }),
      );
      for (const one of page.parts) this.#known.set(one.number, one.url);
      return this.#take(part) ?? Promise.reject(new StorageError(0));
    } finally {
      done();
    }
  }

  #take(part: number): string | undefined {
    const url = this.#known.get(part);
    this.#known.delete(part);
    return url;
  }
}

/** Tries again after passing failures, with growing pauses, and not before there is a network. */
export async function patiently<Value>(work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    await whenOnline(signal);
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayWorkLater(error) || attempt === ATTEMPTS) throw error;
      const wanted = error instanceof ProblemError && error.retryAfterS ? error.retryAfterS * 1000 : 0;
      await pause(Math.max(wanted, FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2)), signal);
    }
  }
}

/**
 * 403 of storage is an address that is too old; the next attempt has a new one. A request that is still being answered
 * gives its answer to the next attempt.
 */
function mayWorkLater(error: unknown): boolean {
  if (error instanceof ProblemError) return isPassing(error) || error.code === "request_in_progress";
  if (!(error instanceof StorageError)) return false;
  return error.status === 0 || error.status === 403 || error.status === 408 || error.status >= 429;
}

function whenOnline(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (navigator.onLine) return Promise.resolve();
  return until(signal, (done) => {
    window.addEventListener("online", done);
    return () => window.removeEventListener("online", done);
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return until(signal, (done) => {
    const timer = setTimeout(done, ms);
    return () => clearTimeout(timer);
  });
}

/** Until something calls back, or the signal is aborted. */
function until(signal: AbortSignal, start: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      stop();
      signal.removeEventListener("abort", abort);
    };
    const abort = () => {
      end();
      reject(signal.reason);
    };
    const stop = start(() => {
      end();
      resolve();
    });
    signal.addEventListener("abort", abort);
  });
}
