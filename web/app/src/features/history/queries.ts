import { type InfiniteData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ask, type Schema } from "../../api/client.ts";

export type Entry = Schema<"HistoryEntry">;
type Pages = InfiniteData<Schema<"HistoryPage">>;

const KEY = ["history"];
const PAGE = 24;

/** What one watched, newest first, in pages. */
export function useHistory() {
  return useInfiniteQuery({
    queryKey: KEY,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/v1/users/me/history", {
          params: { query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** Forgetting one video, or all. Positions are forgotten, too. */
export function useHistoryActions() {
  const queries = useQueryClient();
  const onError = () => queries.invalidateQueries({ queryKey: KEY });
  const change = (keep: (entry: Entry) => boolean) =>
    queries.setQueryData<Pages>(
      KEY,
      (data) =>
        data && {
          ...data,
          pages: data.pages.map((page) => ({ ...page, entries: page.entries.filter(keep) })),
        },
    );
  const forget = useMutation({
    mutationFn: (video_id: number) =>
      ask(api.DELETE("/api/v1/users/me/history/{video_id}", { params: { path: { video_id } } })),
    onSuccess: (_, videoId) => change((entry) => entry.video.video_id !== videoId),
    onError,
  });
  const clear = useMutation({
    mutationFn: () => ask(api.DELETE("/api/v1/users/me/history")),
    // What was not read yet is gone, too.
    onSuccess: () => queries.resetQueries({ queryKey: KEY }),
    onError,
  });
  return { forget, clear };
}
