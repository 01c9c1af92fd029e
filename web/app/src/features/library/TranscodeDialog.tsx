import { Modal } from "antd";
import { TranscodeStatus } from "../transcode/TranscodeStatus/index.tsx";
import type { Video } from "./useVideos.ts";

/** A video's transcode, live. */
export default function TranscodeDialog({ video, onClose }: { video: Video; onClose: () => void }) {
  return (
    <Modal open title={video.title} footer={null} width={720} onCancel={onClose} destroyOnHidden>
      <TranscodeStatus videoId={video.video_id} />
    </Modal>
  );
}
