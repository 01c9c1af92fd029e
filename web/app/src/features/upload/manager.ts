import { ProblemError } from "@videosite/api";
import { api, ask, type Schema } from "../../api/client.ts";
import { randomId } from "../../ui/randomId.ts";
import { checkFile, type Refusal } from "./checks.ts";
import { KeptUploads } from "./kept.ts";
import { Rate } from "./rate.ts";
import { patiently, transfer, type Way } from "./transfer.ts";

export type NewVideo = Required<Pick<Schema<"NewVideo">, "visibility" | "ladder">>;

export type UploadStatus =
  /** For its turn. */
  | "waiting"
  | "sending"
  | "paused"
  /** Of an earlier page: the file has to be chosen once more. */
  | "interrupted"
  /** Another tab's. */
  | "elsewhere"
  | "done"
  | "failed"
  /** Never sent: see `refusal`. */
  | "refused";

/** An upload as it is shown. A new object with each change. */
export interface Upload {
  readonly key: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly status: UploadStatus;
  readonly videoId: number | null;
  readonly sentBytes: number;
  readonly bytesPerS: number | null;
  readonly refusal: Refusal | null;
  readonly error: Error | null;
}

/** What is needed to do the work, and is not shown. */
interface Work {
  file: File | null;
  wanted: NewVideo;
  way: Way | null;
  rate: Rate;
  /** Videos made for it: another one after its video was gone. */
  made: number;
  stop: AbortController | null;
}

const AT_ONCE = 2;
const TOLD_EVERY_MS = 200;
const PAUSED = new DOMException("paused", "AbortError");

/**
 * A user's uploads in this tab: two are sent at a time. What was interrupted is remembered across reloads.
 *
 * Each is one tab's: the others show it, and one of them has it when that tab is closed.
 */
export class UploadManager {
  #uploads: readonly Upload[];
  readonly #work = new Map<string, Work>();
  readonly #listeners = new Set<() => void>();
  readonly #kept: KeptUploads;
  /** For each upload, what ends its being this tab's. */
  readonly #owned = new Map<string, AbortController>();

  constructor(userId: string) {
    this.#kept = new KeptUploads(userId);
    this.#uploads = this.#kept.all().map((kept) => {
      void this.#own(kept.key).then(() => this.#inherit(kept.key));
      return { ...kept, status: "elsewhere", bytesPerS: null, refusal: null, error: null };
    });
  }

  get uploads(): readonly Upload[] {
    return this.#uploads;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes files up; one that was interrupted goes on where it was. */
  async add(files: readonly File[], wanted: NewVideo): Promise<void> {
    for (const file of files) {
      const before = this.#uploads.find(
        (one) => (one.status === "interrupted" || one.status === "elsewhere") && isOf(one, file),
      );
      if (before?.status === "elsewhere") continue;
      if (before) {
        this.#work.set(before.key, { file, wanted, way: null, rate: new Rate(), made: 0, stop: null });
        this.#change(before.key, { status: "waiting" });
      } else {
        await this.#take(file, wanted);
      }
    }
    this.#next();
  }

  async #take(file: File, wanted: NewVideo): Promise<void> {
    const refusal = await checkFile(file);
    const key = randomId();
    void this.#own(key);
    this.#work.set(key, { file, wanted, way: null, rate: new Rate(), made: 0, stop: null });
    const upload: Upload = {
      key,
      name: file.name,
      sizeBytes: file.size,
      modifiedMs: file.lastModified,
      status: refusal ? "refused" : "waiting",
      videoId: null,
      sentBytes: 0,
      bytesPerS: null,
      refusal,
      error: null,
    };
    this.#become([upload, ...this.#uploads]);
  }

  pause(key: string): void {
    this.#change(key, { status: "paused", bytesPerS: null });
    this.#work.get(key)?.stop?.abort(PAUSED);
    this.#next();
  }

  /** Goes on with what was paused or failed. */
  resume(key: string): void {
    const upload = this.#find(key);
    if (upload?.status !== "paused" && upload?.status !== "failed") return;
    this.#change(key, { status: "waiting", error: null });
    this.#next();
  }

  /** Takes an upload off the list; with what was sent of it, if it is not done. */
  async remove(key: string): Promise<void> {
    const upload = this.#find(key);
    if (!upload) return;
    this.#kept.drop(key);
    this.#become(this.#uploads.filter((one) => one.key !== key));
    this.#work.get(key)?.stop?.abort(PAUSED);
    this.#work.delete(key);
    this.#disown(key);
    this.#next();
    if (upload.videoId === null || upload.status === "done") return;
    await giveUp(upload.videoId);
  }

  /** Whether leaving the page would interrupt something. */
  get busy(): boolean {
    return this.#uploads.some((one) => one.status === "sending" || one.status === "waiting");
  }

  /** Stops everything, since nobody is there for it any more. */
  close(): void {
    for (const { stop } of this.#work.values()) stop?.abort(PAUSED);
    for (const key of this.#owned.keys()) this.#disown(key);
    this.#listeners.clear();
  }

  /** Has an upload be this tab's, when no other tab has it. */
  async #own(key: string): Promise<void> {
    const end = new AbortController();
    this.#owned.set(key, end);
    await this.#kept.own(key, end.signal).catch(() => {});
  }

  #disown(key: string): void {
    this.#owned.get(key)?.abort();
    this.#owned.delete(key);
  }

  /** Takes an upload over from an earlier page, or from a tab that was closed; or it ended there. */
  #inherit(key: string): void {
    if (!this.#owned.has(key)) return;
    const kept = this.#kept.read(key);
    if (kept) {
      this.#change(key, { ...kept, status: "interrupted" });
    } else {
      this.#become(this.#uploads.filter((one) => one.key !== key));
      this.#disown(key);
    }
  }

  #next(): void {
    const sending = this.#uploads.filter((one) => one.status === "sending").length;
    // The oldest first: new ones are put on top.
    const waiting = this.#uploads.filter((one) => one.status === "waiting").reverse();
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - sending))) void this.#run(upload.key);
  }

  async #run(key: string): Promise<void> {
    const work = this.#work.get(key);
    if (!work?.file) return;
    const stop = new AbortController();
    work.stop = stop;
    work.rate.clear();
    this.#change(key, { status: "sending" });
    try {
      const videoId = this.#find(key)?.videoId ?? (await this.#create(key, work, work.file, stop.signal));
      stop.signal.throwIfAborted();
      const { way } = work;
      work.way = null;
      const onSent = this.#meter(key, work);
      await transfer({ file: work.file, videoId, way, onSent, signal: stop.signal });
      this.#change(key, { status: "done", sentBytes: work.file.size, bytesPerS: null });
    } catch (error) {
      if (stop.signal.aborted) return;
      // The row is gone: a whole new upload is all that helps.
      const gone = error instanceof ProblemError && (error.status === 404 || error.code === "no_open_upload");
      if (gone) work.made += 1;
      this.#change(key, {
        status: "failed",
        error: error as Error,
        bytesPerS: null,
        ...(gone && { videoId: null }),
      });
    }
    this.#next();
  }

  /** Asked again after a lost answer, the server gives the same video: by the key. */
  async #create(key: string, work: Work, file: File, signal: AbortSignal): Promise<number> {
    // Not ended by the signal: a video that is made is to be known of.
    const { video, upload } = await patiently(
      () =>
        ask(
          api.POST("/api/v1/videos", {
            body: { filename: file.name, size_bytes: file.size, ...work.wanted } as Schema<"NewVideo">,
            headers: { "Idempotency-Key": `${key}.${work.made}` },
          }),
        ),
      signal,
    );
    // Taken off the list meanwhile, when there was nothing to give up yet. Left alone, the server does it in two days.
    if (!this.#find(key)) await giveUp(video.video_id);
    work.way = upload;
    this.#change(key, { videoId: video.video_id });
    return video.video_id;
  }

  /** Tells how far it is, a few times a second. */
  #meter(key: string, work: Work): (bytes: number) => void {
    let toldMs = 0;
    return (bytes) => {
      const nowMs = performance.now();
      work.rate.note(bytes, nowMs);
      if (nowMs - toldMs < TOLD_EVERY_MS) return;
      toldMs = nowMs;
      this.#change(key, { sentBytes: bytes, bytesPerS: work.rate.bytesPerS });
    };
  }

  #find(key: string): Upload | undefined {
    return this.#uploads.find((one) => one.key === key);
  }

  #change(key: string, what: Partial<Upload>): void {
    this.#become(this.#uploads.map((one) => (one.key === key ? { ...one, ...what } : one)));
    const upload = this.#find(key);
    if (upload) this.#keep(upload);
  }

  #become(uploads: readonly Upload[]): void {
    this.#uploads = uploads;
    for (const listener of this.#listeners) listener();
  }

  #keep({ key, name, sizeBytes, modifiedMs, videoId, sentBytes, status }: Upload): void {
    if (videoId === null || status === "done") this.#kept.drop(key);
    if (status === "done") this.#disown(key);
    else if (videoId !== null) this.#kept.write({ key, name, sizeBytes, modifiedMs, videoId, sentBytes });
  }
}

/** Has the server forget what was sent, and the video. */
async function giveUp(videoId: number): Promise<void> {
  await ask(api.DELETE("/api/v1/videos/{video_id}/upload", { params: { path: { video_id: videoId } } }));
}

/** Whether a file is, as far as that can be told, the one that was being uploaded. */
function isOf(upload: Upload, file: File): boolean {
  return (
    upload.name === file.name && upload.sizeBytes === file.size && upload.modifiedMs === file.lastModified
  );
}
