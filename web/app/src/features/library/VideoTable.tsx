import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { Table, type TableColumnsType } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatAgo, formatClock } from "../../ui/format.ts";
import { StatusTag } from "../../ui/StatusTag.tsx";
import { usePlace } from "../../ui/usePlace.ts";
import { Poster } from "./Poster.tsx";
import { Shown } from "./Shown.tsx";
import type { Video } from "./useVideos.ts";
import { VideoMenu } from "./VideoMenu.tsx";

interface Props {
  videos: Video[];
  editable: boolean;
  title: string;
}

const ROW_PX = 80;

/** Videos in rows, of which only those near the window are there: all are of one height. */
export default function VideoTable({ videos, editable, title }: Props) {
  const { t, i18n } = useTranslation();
  const columns: TableColumnsType<Video> = [
    {
      title: t("video.title"),
      key: "title",
      render: (_, video) => (
        <div className="table-video">
          <Poster video={{ ...video, duration_s: null }} />
          <Link to={`/watch/${video.video_id}`} className="table-title">
            {video.title}
          </Link>
        </div>
      ),
    },
    ...(editable ? staffColumns() : []),
    {
      title: t("video.duration"),
      key: "duration",
      align: "end",
      width: 100,
      render: (_, video) => (video.duration_s === null ? "–" : formatClock(video.duration_s)),
    },
    { title: t("video.viewCount"), dataIndex: "views", align: "end", width: 90 },
    {
      title: t("video.created"),
      key: "created",
      width: 140,
      render: (_, video) => (
        <time dateTime={video.created_at}>{formatAgo(video.created_at, i18n.language)}</time>
      ),
    },
    ...(editable
      ? [
          {
            title: <span className="visually-hidden">{t("video.menu")}</span>,
            key: "menu",
            width: 56,
            render: (_: unknown, video: Video) => <VideoMenu video={video} />,
          },
        ]
      : []),
  ];
  const box = useRef<HTMLDivElement>(null);
  const { top } = usePlace(box);
  const rows = useWindowVirtualizer({
    count: videos.length,
    estimateSize: () => ROW_PX,
    overscan: 8,
    scrollMargin: top,
  });
  const near = rows.getVirtualItems();
  const first = near[0]?.index ?? 0;
  const end = (near.at(-1)?.index ?? -1) + 1;
  return (
    <div ref={box} style={{ paddingTop: first * ROW_PX, paddingBottom: (videos.length - end) * ROW_PX }}>
      <Table<Video>
        className="video-table"
        rowKey="video_id"
        columns={columns}
        dataSource={videos.slice(first, end)}
        pagination={false}
        scroll={{ x: 720 }}
        size="middle"
        aria-label={title}
        aria-rowcount={videos.length + 1}
        onRow={(video, place) =>
          ({ "data-video": video.video_id, "aria-rowindex": first + (place ?? 0) + 2 }) as object
        }
      />
    </div>
  );

  function staffColumns(): TableColumnsType<Video> {
    return [
      {
        title: t("video.status"),
        key: "status",
        width: 150,
        render: (_, video) => (
          <>
            <StatusTag status={video.status} error={video.error} />
            {video.status === "processing" && <span className="muted"> {video.progress}%</span>}
          </>
        ),
      },
      {
        title: t("video.visibility"),
        key: "visibility",
        width: 130,
        render: (_, video) => <Shown visibility={video.visibility} />,
      },
    ];
  }
}
