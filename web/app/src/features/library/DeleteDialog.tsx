import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client.ts";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { dropVideo } from "./cache.ts";
import type { Video } from "./useVideos.ts";

interface Props {
  video: Video;
  onClose: () => void;
  onDeleted?: (() => void) | undefined;
}

/** Says what will go with a video before it goes. */
export default function DeleteDialog({ video, onClose, onDeleted }: Props) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: () =>
      ask(api.DELETE("/api/v1/videos/{video_id}", { params: { path: { video_id: video.video_id } } })),
    onSuccess: () => {
      onClose();
      onDeleted?.();
      dropVideo(queries, video.video_id);
      void message.success(t("delete.done", { title: video.title }));
    },
    onError: (error) => void message.error(sentence(error)),
  });
  return (
    <Modal
      open
      title={t("delete.title")}
      okText={t("delete.yes")}
      okButtonProps={{ danger: true }}
      cancelText={t("cancel")}
      confirmLoading={isPending}
      onOk={() => mutate()}
      onCancel={onClose}
    >
      <p>{t("delete.what", { title: video.title })}</p>
      <ul className="bullets">
        <li>{t("delete.source")}</li>
        <li>{t("delete.renditions")}</li>
        <li>{t("delete.pictures")}</li>
        <li>{t("delete.views", { count: video.views })}</li>
        {video.visibility !== "private" && <li>{t("delete.links")}</li>}
        {video.status === "processing" && <li>{t("delete.transcode")}</li>}
      </ul>
      <p>
        <strong>{t("delete.final")}</strong>
      </p>
    </Modal>
  );
}
