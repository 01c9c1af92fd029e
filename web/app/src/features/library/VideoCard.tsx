import { Skeleton } from "antd";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatAgo } from "../../ui/format.ts";
import { StatusTag } from "../../ui/StatusTag.tsx";
import { Poster } from "./Poster.tsx";
import { Shown } from "./Shown.tsx";
import type { Video } from "./useVideos.ts";
import { VideoMenu } from "./VideoMenu.tsx";

interface Props {
  video: Video;
  /** One's own, or everybody's for those who manage them: with status, visibility and a menu. */
  editable: boolean;
}

/** A video in a grid. Drawn anew with its own changes only: progress comes every second, and there may be thousands. */
export const VideoCard = memo(function VideoCard({ video, editable }: Props) {
  const { t, i18n } = useTranslation();
  const done = video.status === "completed";
  return (
    <article className="video-card" data-video={video.video_id}>
      <Link to={`/watch/${video.video_id}`} className="video-poster" tabIndex={-1} aria-hidden>
        <Poster video={video} />
      </Link>
      <div className="video-body">
        <h2 className="video-title">
          <Link to={`/watch/${video.video_id}`} title={video.title}>
            {video.title}
          </Link>
        </h2>
        {editable && <VideoMenu video={video} />}
      </div>
      <p className="video-facts muted">
        {editable && <Shown visibility={video.visibility} />}
        <span>{t("video.views", { count: video.views })}</span>
        <time dateTime={video.created_at}>{formatAgo(video.created_at, i18n.language)}</time>
      </p>
      {editable && !done && <StatusTag status={video.status} error={video.error} />}
    </article>
  );
});

const PLACES = Array.from({ length: 8 }, (_, index) => `place ${index}`);

/** Cards that are still being read. */
export function CardSkeletons() {
  const { t } = useTranslation();
  return (
    <div className="grid" role="status" aria-label={t("loading")}>
      {PLACES.map((place) => (
        <div key={place} className="video-card">
          <div className="poster" />
          <Skeleton active title={false} paragraph={{ rows: 2 }} />
        </div>
      ))}
    </div>
  );
}
