// Made by `python -m infra.messages` from the server's models: change those.

export type AddressedMessage = TranscodeProgress | TranscodeComplete | TranscodeFailed | SystemMessage;
export type ServerMessage =
  | TranscodeProgress
  | TranscodeComplete
  | TranscodeFailed
  | SystemMessage
  | Pong
  | Unsubscribed
  | Refreshed
  | Resumed
  | Read
  | ErrorMessage;
export type ClientRequest = Subscribe | Unsubscribe | Resume | MarkRead | Refresh | Ping;

/**
 * The newest state of a transcode, nothing older. With status `cancelled` it is an end.
 */
export interface TranscodeProgress {
  type: "transcode_progress";
  /**
   * The same on every channel, for dropping repeats.
   */
  id: string;
  video_id: number;
  generation: number;
  /**
   * Grows with each cancel and retry of a generation; within a run `progress` only grows.
   */
  run: number;
  status: "pending" | "processing" | "completed" | "failed" | "cancelled" | "deleting";
  /**
   * Whole percent.
   */
  progress: number;
  message: string;
  /**
   * What `message` says, for the reader's own words; `params` are its parameters.
   */
  code: string;
  params: {
    [k: string]: string | number;
  };
  /**
   * `message` by language.
   */
  text: {
    [k: string]: string;
  };
  error: {
    [k: string]: string;
  } | null;
  /**
   * As in the transcode-status document.
   */
  renditions: RenditionStatus[];
  /**
   * When this state was reached.
   */
  timestamp: string;
  /**
   * The channel it was sent to: `user#…`, `video#…`, `admin` or `all`.
   */
  channel: string;
  /**
   * Of stored ones: the number in the channel, without gaps.
   */
  seq?: number;
}
export interface RenditionStatus {
  name: string;
  codec: string;
  /**
   * RFC 6381, once its first segment is there
   */
  codec_tag?: string | null;
  resolution: string;
  status: "pending" | "processing" | "completed" | "failed" | "cancelled";
  progress: number;
  /**
   * 1, and one for each retry that found it unfinished
   */
  attempts: number;
  error: Failure | null;
  /**
   * Times realtime, over all workers
   */
  speed: number | null;
  eta_s: number | null;
  /**
   * Mean of the sampled segments, measured after the codec is published
   */
  vmaf: number | null;
  vmaf_detail?: Vmaf | null;
  /**
   * On average
   */
  bitrate_kbps: number | null;
  /**
   * Of the largest segment
   */
  peak_kbps: number | null;
  size_bytes: number | null;
  cost_usd: number | null;
}
/**
 * Why something did not work: a stable code and a sentence.
 */
export interface Failure {
  code: string;
  message: string;
}
/**
 * Of a few segments spread over the video, against the source at the rendition's size.
 */
export interface Vmaf {
  mean: number;
  /**
   * Of the worst segment
   */
  worst: number;
  /**
   * Where the worst segment begins
   */
  worst_at_s: number;
  /**
   * Segments measured
   */
  samples: number;
  /**
   * Segments to be measured
   */
  planned: number;
  /**
   * What the mean should not be under
   */
  floor: number;
  /**
   * The mean is under the floor, or the worst by more than 15
   */
  below_floor: boolean;
}
/**
 * One codec can be played. Stored.
 */
export interface TranscodeComplete {
  type: "transcode_complete";
  id: string;
  video_id: number;
  generation: number;
  /**
   * Of the job that ended: grows with each cancel and retry.
   */
  run: number;
  title: string;
  /**
   * h264 | av1
   */
  format_type: string;
  /**
   * Bytes of the codec's renditions, audio included.
   */
  file_size: number;
  /**
   * True on the last codec: the transcode has ended.
   */
  final: boolean;
  message: string;
  code: string;
  params: {
    [k: string]: string | number;
  };
  text: {
    [k: string]: string;
  };
  timestamp: string;
  /**
   * The channel it was sent to: `user#…`, `video#…`, `admin` or `all`.
   */
  channel: string;
  /**
   * Of stored ones: the number in the channel, without gaps.
   */
  seq?: number;
}
/**
 * The transcode ended without a result. Stored.
 */
export interface TranscodeFailed {
  type: "transcode_failed";
  id: string;
  video_id: number;
  generation: number;
  /**
   * Of the job that ended: grows with each cancel and retry.
   */
  run: number;
  title: string;
  /**
   * A sentence.
   */
  error: string;
  /**
   * Stable name of the error.
   */
  code: string;
  params: {
    [k: string]: string | number;
  };
  timestamp: string;
  /**
   * The channel it was sent to: `user#…`, `video#…`, `admin` or `all`.
   */
  channel: string;
  /**
   * Of stored ones: the number in the channel, without gaps.
   */
  seq?: number;
}
/**
 * Something an operator says. Stored.
 */
export interface SystemMessage {
  type: "system_message";
  id: string;
  message: string;
  level: "info" | "warning" | "error";
  code: string;
  params: {
    [k: string]: string | number;
  };
  timestamp: string;
  /**
   * `message` by language, where it is the platform's own.
   */
  text?: {
    [k: string]: string;
  };
  /**
   * From then on it need not be shown any more.
   */
  expires_at: string;
  /**
   * The channel it was sent to: `user#…`, `video#…`, `admin` or `all`.
   */
  channel: string;
  /**
   * Of stored ones: the number in the channel, without gaps.
   */
  seq?: number;
}
/**
 * The answer to a ping.
 */
export interface Pong {
  type: "pong";
  timestamp: string;
  /**
   * When the socket will be closed, unless it is refreshed.
   */
  expires_at: string;
}
/**
 * A video is heard no more: the answer to an unsubscribe, or to a refresh by which that may not be heard.
 *
 * A subscribe is answered with the video's newest progress.
 */
export interface Unsubscribed {
  type: "unsubscribed";
  video_id: number;
  channel: string;
}
/**
 * The answer to a refresh. Before it come `unsubscribed` of videos that its token may not hear.
 */
export interface Refreshed {
  type: "refreshed";
  expires_at: string;
}
/**
 * A part of the answer to a resume, of one channel.
 */
export interface Resumed {
  type: "resumed";
  channel: string;
  /**
   * Whether nothing is missing. If false there are no messages: read the state instead.
   */
  recovered: boolean;
  /**
   * The channel's position after this frame.
   */
  seq: number;
  /**
   * Stored frames, in order.
   */
  messages: AddressedMessage[];
  /**
   * Whether another part follows.
   */
  more: boolean;
}
/**
 * The answer to a read.
 */
export interface Read {
  type: "read";
  /**
   * Notifications that are left unread.
   */
  unread: number;
}
/**
 * What the client sent could not be done.
 */
export interface ErrorMessage {
  type: "error";
  code: string;
  message: string;
  /**
   * The action asked for, if that much was understood.
   */
  action: string | null;
}
/**
 * Hear a video's channel; answered with its newest `transcode_progress`.
 */
export interface Subscribe {
  action: "subscribe";
  video_id: number;
}
/**
 * Hear a video's channel no more; answered with `unsubscribed`.
 */
export interface Unsubscribe {
  action: "unsubscribe";
  video_id: number;
}
/**
 * Ask for what was missed; answered with `resumed`, one or more per channel.
 */
export interface Resume {
  action: "resume";
  /**
   * Channel to `seq` of the last message seen; null where none is known.
   */
  positions: {
    [k: string]: number | null;
  };
}
/**
 * Mark notifications as read; answered with `read`. One of the two fields.
 */
export interface MarkRead {
  action: "read";
  /**
   * Up to 50 `id`s of stored messages.
   */
  ids?: string[];
  all?: true;
}
/**
 * Let the socket live as long as a newer token; answered with `refreshed`.
 */
export interface Refresh {
  action: "refresh";
  /**
   * An access token or a ticket of the same user.
   */
  token: string;
}
/**
 * Answered with `pong`. The bare text `ping` is the same.
 */
export interface Ping {
  action: "ping";
}

/** Every `type` a server sends. */
export const KINDS = ["transcode_progress", "transcode_complete", "transcode_failed", "system_message", "pong", "unsubscribed", "refreshed", "resumed", "read", "error"] as const;
