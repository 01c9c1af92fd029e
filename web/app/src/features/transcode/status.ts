import type { TranscodeProgress } from "@videosite/realtime";
import type { Schema } from "../../api/client.ts";

export type Status = Schema<"TranscodeStatus">;
export type Rendition = Schema<"RenditionStatus">;

const ENDS: ReadonlySet<string> = new Set(["completed", "failed", "cancelled", "deleting"]);
/** Quality is measured after the end; it is waited for so long. */
const MEASURED_WITHIN_MS = 120_000;

/** Whether a transcode has ended, one way or another. */
export function hasEnded(status: string): boolean {
  return ENDS.has(status);
}

/** Whether nothing more is to be expected of a status: it has ended, and its quality is known or will not be. */
export function isSettled(status: Status, nowMs: number = Date.now()): boolean {
  if (!hasEnded(status.status)) return false;
  if (status.status !== "completed") return true;
  const measured = status.renditions.every((one) => {
    const detail = one.vmaf_detail;
    return detail ? detail.samples >= detail.planned : false;
  });
  return measured || nowMs - Date.parse(status.updated_at) > MEASURED_WITHIN_MS;
}

/** The newer of two statuses of a video: answers may overtake each other, and the socket overtakes them all. */
export function newer(known: Status | undefined, next: Status): Status {
  if (!known || next.generation > known.generation) return next;
  if (next.generation < known.generation) return known;
  const [before, after] = [Date.parse(known.updated_at), Date.parse(next.updated_at)];
  if (after !== before) return after > before ? next : known;
  // Of one moment, an end says more than what led to it, and what is farther more than what is not.
  if (hasEnded(known.status) !== hasEnded(next.status)) return hasEnded(next.status) ? next : known;
  return next.progress >= known.progress ? next : known;
}

/** A status with what a progress message says; what only HTTP tells stays as it was. */
export function mergeProgress(known: Status, message: TranscodeProgress): Status {
  const next: Status = {
    ...known,
    status: message.status,
    progress: message.progress,
    message: message.message,
    error: message.error as Status["error"],
    generation: message.generation,
    renditions: message.renditions as Rendition[],
    waiting: known.waiting && message.status === "pending",
    updated_at: message.timestamp,
  };
  return newer(known, next);
}
