import type { Schema } from "../src/api/client.ts";
import type { Status } from "../src/features/transcode/status.ts";

/** A video of Ada's that is done, with nothing to play. */
export const VIDEO: Schema<"Video"> = {
  video_id: 7,
  owner_id: "ada",
  title: "The sea",
  description: "",
  tags: [],
  category: null,
  language: null,
  visibility: "private",
  share_slug: null,
  status: "completed",
  progress: 100,
  error: null,
  duration_s: 60,
  size_bytes: 1000,
  views: 0,
  playback: null,
  poster_url: null,
  thumbnails: null,
  storyboard_url: null,
  preview_url: null,
  created_at: "2026-03-01T10:30:00Z",
  updated_at: "2026-03-01T10:30:00Z",
} as unknown as Schema<"Video">;

export const STATUS: Status = {
  video_id: 7,
  status: "completed",
  progress: 100,
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
  updated_at: "2026-03-01T10:30:00Z",
};
