import { Button, Empty } from "antd";
import { lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import { FilterBar } from "./FilterBar.tsx";
import { type Scope, useFilters, useVideos } from "./useVideos.ts";
import { CardSkeletons } from "./VideoCard.tsx";

const VideoGrid = lazy(() => import("./VideoGrid.tsx"));
const VideoTable = lazy(() => import("./VideoTable.tsx"));

interface Props {
  title: string;
  scope: Scope;
  /** Shown where there are none, and none were filtered out. */
  empty: ReactNode;
}

/** A list of videos: filters, a grid or a table, more at its end. */
export function Library({ title, scope, empty }: Props) {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const list = useVideos(scope, filters);
  const videos = list.data?.pages.flatMap((page) => page.videos) ?? [];
  const filtered = Boolean(filters.q || filters.status || filters.visibility || filters.category);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = () => hasNextPage && !isFetchingNextPage && void fetchNextPage();
  const end = useAtEnd(more, list.data?.pages.length ?? 0);
  const List = filters.layout === "table" ? VideoTable : VideoGrid;
  const nothing = list.isSuccess && !videos.length && !hasNextPage;
  return (
    <div className="page">
      <h1>{title}</h1>
      <FilterBar filters={filters} onChange={change} scope={scope} />
      {list.isPending && <CardSkeletons />}
      {list.error && !list.data && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {nothing && !filtered && empty}
      {nothing && filtered && (
        <Empty description={t("library.noMatch")}>
          <Button onClick={() => change({ q: "", status: "", visibility: "", category: "" })}>
            {t("library.clear")}
          </Button>
        </Empty>
      )}
      {videos.length > 0 && (
        <Suspense fallback={<CardSkeletons />}>
          <List videos={videos} editable={scope !== "public"} title={title} />
        </Suspense>
      )}
      <div ref={end} className="center padded">
        {hasNextPage && (
          <Button onClick={() => void fetchNextPage()} loading={isFetchingNextPage}>
            {t("more")}
          </Button>
        )}
      </div>
    </div>
  );
}

/**
 * Calls back when an element comes near the window: the button in it is for those who do not scroll. It is looked
 * at anew after each page: a short one leaves it where it was.
 */
function useAtEnd(callback: () => void, pages: number) {
  const newest = useRef(callback);
  useEffect(() => {
    newest.current = callback;
  });
  const element = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each page
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && newest.current(), {
      rootMargin: "600px",
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [pages]);
  return element;
}
