import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Recovery, TranscodeProgress } from "@videosite/realtime";
import type { Schema } from "../api/client.ts";
import { mergeProgress, type Status } from "../features/transcode/status.ts";
import type { Message } from "./useWebSocket.ts";

type Video = Schema<"Video">;
type VideoPages = InfiniteData<Schema<"VideoPage">>;

/** Puts what a message says into what was read over HTTP. */
export function pushIntoCache(queries: QueryClient, message: Message): void {
  if (message.type === "system_message") return;
  const id = message.video_id;
  if (message.type === "transcode_progress") {
    queries.setQueryData<Status>(["transcode-status", id], (known) => known && mergeProgress(known, message));
    changeVideo(queries, id, (video) => withProgress(video, message));
    if (message.status !== "processing" && message.status !== "pending") return;
    // Its first seconds may be ready now: only the video's own document says so.
    if (message.progress >= 10) refreshUnplayable(queries, id);
    return;
  }
  // Pictures, addresses, sizes: they are in no message.
  void queries.invalidateQueries({ queryKey: ["transcode-status", id] });
  void queries.invalidateQueries({ queryKey: ["video", id] });
  void queries.invalidateQueries({ queryKey: ["videos"] });
}

/** After messages were lost what is shown is read anew. */
export function recoverCache(queries: QueryClient, recovery: Recovery): void {
  if (recovery.recovered || recovery.first) return;
  for (const key of ["notifications", "unread", "transcode-status", "video", "videos"]) {
    void queries.invalidateQueries({ queryKey: [key] });
  }
}

/** Changes a video wherever it is shown. */
export function changeVideo(queries: QueryClient, id: number, change: (video: Video) => Video): void {
  queries.setQueryData<Video>(["video", id], (video) => video && change(video));
  queries.setQueriesData<VideoPages>({ queryKey: ["videos"] }, (data) => {
    if (!data?.pages.some((page) => page.videos.some((video) => video.video_id === id))) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      videos: page.videos.map((video) => (video.video_id === id ? change(video) : video)),
    }));
    return { ...data, pages };
  });
}

function withProgress(video: Video, message: TranscodeProgress): Video {
  const { status, progress } = message;
  return video.status === status && video.progress === progress ? video : { ...video, status, progress };
}

function refreshUnplayable(queries: QueryClient, id: number): void {
  const video = queries.getQueryData<Video>(["video", id]);
  if (video && !video.playback) void queries.invalidateQueries({ queryKey: ["video", id] });
}
