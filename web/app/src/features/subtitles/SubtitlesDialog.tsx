import { Alert, Empty, Modal, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import type { Video } from "../library/useVideos.ts";
import { AddTrack } from "./AddTrack.tsx";
import { useSubtitles } from "./queries.ts";
import { TrackRow } from "./TrackRow.tsx";
import "./subtitles.css";

/** A video's subtitles: those that were uploaded, and how to add one. */
export default function SubtitlesDialog({ video, onClose }: { video: Video; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useSubtitles(video.video_id);
  return (
    <Modal
      open
      title={t("subtitles.titleOf", { title: video.title })}
      footer={null}
      width={760}
      onCancel={onClose}
      destroyOnHidden
    >
      <div className="subtitles">
        <AddTrack videoId={video.video_id} known={data?.map((one) => one.language) ?? []} />
        {isPending && <Skeleton active title={false} paragraph={{ rows: 3 }} />}
        {error && !data && <Failure error={error} onRetry={() => void refetch()} />}
        {data?.length === 0 && (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("subtitles.none")} />
        )}
        {data && data.length > 0 && (
          <>
            <ul className="tracks" aria-label={t("subtitles.list")}>
              {data.map((track) => (
                <TrackRow key={track.language} videoId={video.video_id} track={track} />
              ))}
            </ul>
            <Alert type="info" showIcon title={t("subtitles.when")} />
          </>
        )}
      </div>
    </Modal>
  );
}
