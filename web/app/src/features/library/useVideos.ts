import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ask, type Schema } from "../../api/client.ts";
import { readPage } from "../../ui/pages.ts";
import { type Change, defined, oneOf, useAddress } from "../../ui/useAddress.ts";

export type Video = Schema<"Video">;
export type Scope = "own" | "public" | "all";

export const STATUSES = ["pending", "processing", "completed", "failed", "cancelled"] as const;
export const VISIBILITIES = ["private", "unlisted", "public"] as const;
export const SORTS = ["newest", "oldest", "title", "duration", "views"] as const;
export const LAYOUTS = ["grid", "table"] as const;

/** What a list is asked for. It is in the address, so that it can be shared, and gone back to. */
export interface Filters {
  q: string;
  status: (typeof STATUSES)[number] | undefined;
  visibility: (typeof VISIBILITIES)[number] | undefined;
  category: Video["category"] | undefined;
  sort: (typeof SORTS)[number];
  layout: (typeof LAYOUTS)[number];
}

const PAGE = 24;

/** The filters of an address. What is not known is left out. */
export function filtersOf(parameters: URLSearchParams): Filters {
  const q = parameters.get("q") ?? "";
  return {
    q,
    status: oneOf(STATUSES, parameters.get("status")),
    visibility: oneOf(VISIBILITIES, parameters.get("visibility")),
    category: (parameters.get("category") as Video["category"]) ?? undefined,
    // What is searched for comes newest first: the API has no other order.
    sort: (!q && oneOf(SORTS, parameters.get("sort"))) || "newest",
    layout: oneOf(LAYOUTS, parameters.get("view")) ?? "grid",
  };
}

/** The filters in the address, and how to change them. */
export function useFilters(): [Filters, (change: Change) => void] {
  const [parameters, change] = useAddress();
  return [useMemo(() => filtersOf(parameters), [parameters]), change];
}

/** Videos, in pages. */
export function useVideos(scope: Scope, filters: Filters) {
  const { layout: _, q, ...rest } = filters;
  const wanted = { ...rest, q: q || undefined };
  return useInfiniteQuery({
    queryKey: ["videos", scope, wanted],
    queryFn: (context) =>
      readPage(context, {
        read: (cursor): Promise<Schema<"VideoPage">> => {
          const { signal } = context;
          const query = defined({ ...wanted, limit: PAGE, cursor });
          return scope === "all"
            ? ask(api.GET("/api/v1/admin/videos", { params: { query }, signal }))
            : ask(api.GET("/api/v1/videos", { params: { query: { ...query, scope } }, signal }));
        },
        itemsOf: (page) => page.videos,
        idOf: (video) => video.video_id,
        make: (page, videos, next_cursor) => ({ ...page, videos, next_cursor }),
      }),
    refetchOnWindowFocus: false,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}
