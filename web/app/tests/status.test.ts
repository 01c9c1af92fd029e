import type { TranscodeProgress } from "@videosite/realtime";
import { expect, test } from "vitest";
import {
  isSettled,
  mergeProgress,
  newer,
  type Rendition,
  type Status,
} from "../src/features/transcode/status.ts";
import { pollInterval } from "../src/features/transcode/useTranscodeStatus.ts";

const MOMENT = "2026-03-01T10:30:00Z";
const LATER = "2026-03-01T10:30:01Z";

function status(what: Partial<Status> = {}): Status {
  return {
    video_id: 1,
    status: "processing",
    progress: 40,
    message: "",
    error: null,
    generation: 1,
    renditions: [],
    audio: [],
    subtitles: [],
    cost: null,
    ladder: "standard",
    priority: "normal",
    waiting: false,
    updated_at: MOMENT,
    ...what,
  };
}

function progress(what: Partial<TranscodeProgress> = {}): TranscodeProgress {
  return {
    type: "transcode_progress",
    id: "1",
    video_id: 1,
    generation: 1,
    run: 1,
    status: "processing",
    progress: 50,
    message: "",
    code: "transcoding",
    params: {},
    text: {},
    error: null,
    renditions: [],
    timestamp: LATER,
    channel: "user#1",
    ...what,
  };
}

function rendition(samples: number | null): Rendition {
  const detail = { mean: 90, worst: 88, worst_at_s: 0, planned: 3, floor: 70, below_floor: false };
  return {
    name: "h264-720p",
    codec: "h264",
    codec_tag: null,
    resolution: "1280x720",
    status: "completed",
    progress: 100,
    attempts: 1,
    error: null,
    speed: null,
    eta_s: null,
    vmaf: 90,
    vmaf_detail: samples === null ? null : { ...detail, samples },
    bitrate_kbps: null,
    peak_kbps: null,
    size_bytes: 1,
    cost_usd: null,
  };
}

test("of two statuses the newer one stays, whichever comes first", () => {
  const [early, late] = [status(), status({ progress: 60, updated_at: LATER })];
  expect(newer(undefined, early)).toBe(early);
  expect(newer(early, late)).toBe(late);
  expect(newer(late, early)).toBe(late);
});

test("a retry goes back, since it is newer; an older generation never comes back", () => {
  const failed = status({ status: "failed", progress: 70 });
  const retried = status({ progress: 10, updated_at: LATER });
  expect(newer(failed, retried)).toBe(retried);
  const next = status({ generation: 2, progress: 0, updated_at: MOMENT });
  expect(newer(retried, next)).toBe(next);
  expect(newer(next, retried)).toBe(next);
});

test("of one moment the end counts, then what is farther", () => {
  const [running, done] = [status({ progress: 99 }), status({ status: "completed", progress: 100 })];
  expect(newer(running, done)).toBe(done);
  expect(newer(done, running)).toBe(done);
  expect(newer(status({ progress: 41 }), status()).progress).toBe(41);
});

test("a message changes what it speaks of, and nothing else", () => {
  const known = status({ ladder: "fast", waiting: true });
  const merged = mergeProgress(known, progress());
  expect(merged).toMatchObject({ progress: 50, ladder: "fast", waiting: false, updated_at: LATER });
  expect(mergeProgress(merged, progress({ progress: 45, timestamp: MOMENT }))).toBe(merged);
});

test("it asks every five seconds, three times slower with a socket, and not at all after the end", () => {
  expect(pollInterval(undefined, false, 5000)).toBe(5000);
  expect(pollInterval(status(), false, 5000)).toBe(5000);
  expect(pollInterval(status(), true, 5000)).toBe(15_000);
  expect(pollInterval(status({ status: "failed" }), false, 5000)).toBe(false);
  expect(pollInterval(status({ status: "cancelled" }), true, 5000)).toBe(false);
});

test("a completed transcode is settled when its quality is known, or long ago", () => {
  const at = Date.parse(MOMENT);
  const completed = (samples: number | null) =>
    status({ status: "completed", progress: 100, renditions: [rendition(samples)] });
  expect(isSettled(completed(null), at)).toBe(false);
  expect(isSettled(completed(2), at)).toBe(false);
  expect(isSettled(completed(3), at)).toBe(true);
  expect(isSettled(completed(2), at + 121_000)).toBe(true);
});
