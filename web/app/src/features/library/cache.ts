import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Schema } from "../../api/client.ts";

/** Takes a video that was deleted out of everything that was read. */
export function dropVideo(queries: QueryClient, videoId: number): void {
  queries.removeQueries({ queryKey: ["video", videoId] });
  queries.removeQueries({ queryKey: ["transcode-status", videoId] });
  queries.setQueriesData<InfiniteData<Schema<"VideoPage">>>({ queryKey: ["videos"] }, (data) => {
    if (!data) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      videos: page.videos.filter((video) => video.video_id !== videoId),
    }));
    return { ...data, pages };
  });
}
