import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Recovery, TranscodeProgress } from "@videosite/realtime";
import { api, ask, type Schema } from "../api/client.ts";
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
  // One after the other: a list that is being read would put back what the video replaces.
  void readVideo(queries, id).then(() => queries.invalidateQueries({ queryKey: ["videos"] }));
}

/** Reads one video anew, for its page and for lists, which read only their first page anew. */
async function readVideo(queries: QueryClient, id: number): Promise<void> {
  await queries.invalidateQueries({ queryKey: ["video", id] });
  const lists = queries.getQueriesData<VideoPages>({ queryKey: ["videos"] });
  if (!lists.some(([, data]) => data?.pages.some(has(id)))) return;
  const known = queries.getQueryState(["video", id]);
  const video = known && !known.isInvalidated ? queries.getQueryData<Video>(["video", id]) : undefined;
  const options = { params: { path: { video_id: id } } };
  const next = video ?? (await ask(api.GET("/api/v1/videos/{video_id}", options)).catch(() => undefined));
  if (next) changeVideo(queries, id, () => next);
}

function has(id: number): (page: Schema<"VideoPage">) => boolean {
  return (page) => page.videos.some((video) => video.video_id === id);
}

/**
 * What is shown is read anew after messages were lost, or before the first socket heard any: it may be older.
 * Notifications are in any case: a count that was read meanwhile has what is told late, too.
 */
export function recoverCache(queries: QueryClient, recovery: Recovery): void {
  const told = ["notifications", "unread"];
  const lost = ["transcode-status", "video", "videos", "jobs"];
  for (const key of recovery.recovered ? told : [...told, ...lost]) {
    void queries.invalidateQueries({ queryKey: [key] });
  }
}

/** Changes a video wherever it is shown. */
export function changeVideo(queries: QueryClient, id: number, change: (video: Video) => Video): void {
  queries.setQueryData<Video>(["video", id], (video) => video && change(video));
  queries.setQueriesData<VideoPages>({ queryKey: ["videos"] }, (data) => {
    if (!data?.pages.some(has(id))) return data;
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
