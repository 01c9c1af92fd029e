import type {
  SystemMessage,
  TranscodeComplete,
  TranscodeFailed,
  TranscodeProgress,
} from "@videosite/realtime";

const COMMON = { generation: 1, run: 1, message: "", params: {}, text: {} };

/** Progress of video 7, told to an admin. */
export function progressed(what: Partial<TranscodeProgress> = {}): TranscodeProgress {
  return {
    ...COMMON,
    type: "transcode_progress",
    id: "p",
    video_id: 7,
    status: "processing",
    progress: 20,
    code: "transcoding",
    error: null,
    renditions: [],
    timestamp: "2026-03-01T10:30:00Z",
    channel: "admin",
    ...what,
  };
}

/** The end of video 7's transcode, told to an admin. */
export function completed(what: Partial<TranscodeComplete> = {}): TranscodeComplete {
  return {
    ...COMMON,
    type: "transcode_complete",
    id: `c${what.video_id ?? 7}`,
    video_id: 7,
    title: "The sea",
    format_type: "h264",
    file_size: 1000,
    final: true,
    code: "transcoded",
    timestamp: "2026-03-01T10:31:00Z",
    channel: "admin",
    seq: 1,
    ...what,
  };
}

/** The failure of video 7's transcode, told to an admin. */
export function failed(what: Partial<TranscodeFailed> = {}): TranscodeFailed {
  return {
    ...COMMON,
    type: "transcode_failed",
    id: "f",
    video_id: 7,
    title: "The sea",
    error: "It broke.",
    code: "worker_crashed",
    timestamp: "2026-03-01T10:31:00Z",
    channel: "admin",
    seq: 2,
    ...what,
  } as TranscodeFailed;
}

/** What operators tell admins. */
export function announced(what: Partial<SystemMessage> = {}): SystemMessage {
  return {
    type: "system_message",
    id: "s",
    message: "A queue is full.",
    level: "info",
    code: "queue_full",
    params: {},
    timestamp: "2026-03-01T10:31:00Z",
    expires_at: "2099-03-01T10:31:00Z",
    channel: "admin",
    seq: 3,
    ...what,
  };
}
