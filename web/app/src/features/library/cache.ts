import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";
import type { Schema } from "../../api/client.ts";

const PER_VIDEO = ["video", "transcode-status", "position", "subtitles", "thumbnail"];

/** Takes a video that was deleted out of everything that was read. */
export function dropVideo(queries: QueryClient, videoId: number): void {
  for (const kind of PER_VIDEO) dropOnceUnused(queries, [kind, videoId]);
  queries.setQueriesData<InfiniteData<Schema<"VideoPage">>>({ queryKey: ["videos"] }, (data) => {
    if (!data) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      videos: page.videos.filter((video) => video.video_id !== videoId),
    }));
    return { ...data, pages };
  });
}

/**
 * Forgets what was read, now or when the page that shows it is left. Taken from under a page that is still there,
 * it would be asked for anew at the page's next change, and answered with 404.
 */
function dropOnceUnused(queries: QueryClient, queryKey: QueryKey): void {
  const cache = queries.getQueryCache();
  for (const query of cache.findAll({ queryKey })) {
    void query.cancel();
    if (!query.getObserversCount()) {
      cache.remove(query);
      continue;
    }
    const stop = cache.subscribe(({ type, query: changed }) => {
      if (type !== "observerRemoved" || changed !== query || query.getObserversCount()) return;
      stop();
      cache.remove(query);
    });
  }
}
