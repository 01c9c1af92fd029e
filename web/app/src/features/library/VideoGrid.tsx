import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { usePlace } from "../../ui/usePlace.ts";
import type { Video } from "./useVideos.ts";
import { VideoCard } from "./VideoCard.tsx";

interface Props {
  videos: Video[];
  editable: boolean;
  title: string;
}

const COLUMN_PX = 240;
const GAP_PX = 16;
const ROW_GAP_PX = 24;
const ROW_PX = 270;

/** Videos as pictures. Only the rows near the window are there: there may be thousands. */
export default function VideoGrid({ videos, editable, title }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const { width, top } = usePlace(list);
  const columns = Math.max(1, Math.floor((width + GAP_PX) / (COLUMN_PX + GAP_PX)));
  const rows = useWindowVirtualizer({
    count: Math.ceil(videos.length / columns),
    estimateSize: () => ROW_PX,
    gap: ROW_GAP_PX,
    overscan: 3,
    scrollMargin: top,
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: between a ul and its li there is no room for rows
    <div ref={list} role="list" aria-label={title} className="rows" style={{ height: rows.getTotalSize() }}>
      {rows.getVirtualItems().map(({ index, start }) => (
        <div
          key={index}
          ref={rows.measureElement}
          data-index={index}
          className="grid"
          style={{
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            transform: `translateY(${start - top}px)`,
          }}
        >
          {videos.slice(index * columns, (index + 1) * columns).map((video, place) => (
            // biome-ignore lint/a11y/useSemanticElements: as above
            <div
              key={video.video_id}
              role="listitem"
              aria-setsize={videos.length}
              aria-posinset={index * columns + place + 1}
            >
              <VideoCard video={video} editable={editable} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
