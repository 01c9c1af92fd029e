import { CloseOutlined } from "@ant-design/icons";
import { Button, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFeedback } from "../../ui/feedback.tsx";
import { formatAgo } from "../../ui/format.ts";
import { useSentence } from "../../ui/sentence.ts";
import { Poster } from "../library/Poster.tsx";
import { type Entry, useHistoryActions } from "./queries.ts";

/** A video that was watched, and how far. */
export function HistoryCard({ entry: { video, position_s, watched_at } }: { entry: Entry }) {
  const { t, i18n } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const { forget } = useHistoryActions();
  const percent = video.duration_s ? Math.min(100, (100 * position_s) / video.duration_s) : 0;
  const to = `/watch/${video.video_id}`;
  return (
    <li className="video-card" data-video={video.video_id}>
      <Link to={to} className="history-poster" tabIndex={-1} aria-hidden>
        <Poster video={video} />
        {percent > 0 && (
          <span className="poster-bar">
            <span style={{ width: `${percent}%` }} />
          </span>
        )}
      </Link>
      <div className="video-body">
        <h2 className="video-title">
          <Link to={to} title={video.title}>
            {video.title}
          </Link>
        </h2>
        <Popconfirm
          title={t("history.forgetSure")}
          okText={t("history.forget")}
          cancelText={t("cancel")}
          onConfirm={() =>
            forget.mutate(video.video_id, { onError: (error) => void message.error(sentence(error)) })
          }
        >
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined />}
            loading={forget.isPending}
            aria-label={t("history.forgetOf", { title: video.title })}
          />
        </Popconfirm>
      </div>
      <p className="video-facts muted">
        <time dateTime={watched_at}>
          {t("history.watched", { when: formatAgo(watched_at, i18n.language) })}
        </time>
        {percent > 0 && <span>{t("history.percent", { percent: Math.round(percent) })}</span>}
      </p>
    </li>
  );
}
