import {
  DeleteOutlined,
  EditOutlined,
  FileTextOutlined,
  LinkOutlined,
  MoreOutlined,
  PictureOutlined,
  ProfileOutlined,
} from "@ant-design/icons";
import { Button, Dropdown, type MenuProps } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAuth } from "../../auth/AuthContext.tsx";
import { useFeedback } from "../../ui/feedback.tsx";
import type { Video } from "./useVideos.ts";

const EditDialog = lazy(() => import("./EditDialog.tsx"));
const DeleteDialog = lazy(() => import("./DeleteDialog.tsx"));
const TranscodeDialog = lazy(() => import("./TranscodeDialog.tsx"));
const SubtitlesDialog = lazy(() => import("../subtitles/SubtitlesDialog.tsx"));
const ThumbnailDialog = lazy(() => import("../thumbnail/ThumbnailDialog.tsx"));

type Dialog = "edit" | "subtitles" | "picture" | "delete" | "transcode";

interface Props {
  video: Video;
  /** Called once the video was deleted. */
  onDeleted?: () => void;
}

/** What can be done with a video, for those who may. */
export function VideoMenu({ video, onDeleted }: Props) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const { user, can } = useAuth();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  if (video.owner_id !== user?.user_id && !can("videos.manage_any")) return null;
  const items: NonNullable<MenuProps["items"]> = [
    { key: "edit", icon: <EditOutlined />, label: t("video.edit"), onClick: () => setDialog("edit") },
    {
      key: "subtitles",
      icon: <FileTextOutlined />,
      label: t("subtitles.title"),
      onClick: () => setDialog("subtitles"),
    },
    {
      key: "picture",
      icon: <PictureOutlined />,
      label: t("picture.title"),
      onClick: () => setDialog("picture"),
    },
    {
      key: "transcode",
      icon: <ProfileOutlined />,
      label: t("transcode.title"),
      onClick: () => setDialog("transcode"),
    },
    {
      key: "link",
      icon: <LinkOutlined />,
      label: t("video.copyLink"),
      onClick: () =>
        void copy(addressOf(video)).then(
          () => message.success(t("video.copied")),
          () => message.error(t("video.notCopied")),
        ),
    },
    { type: "divider" },
    {
      key: "delete",
      icon: <DeleteOutlined />,
      label: t("video.delete"),
      danger: true,
      onClick: () => setDialog("delete"),
    },
  ];
  return (
    <>
      <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
        <Button
          type="text"
          size="small"
          icon={<MoreOutlined />}
          aria-label={t("video.menuOf", { title: video.title })}
        />
      </Dropdown>
      <Suspense>
        {dialog === "edit" && <EditDialog video={video} onClose={close} />}
        {dialog === "subtitles" && <SubtitlesDialog video={video} onClose={close} />}
        {dialog === "picture" && <ThumbnailDialog video={video} onClose={close} />}
        {dialog === "transcode" && <TranscodeDialog video={video} onClose={close} />}
        {dialog === "delete" && <DeleteDialog video={video} onClose={close} onDeleted={onDeleted} />}
      </Suspense>
    </>
  );
}

/** Where others see a video: an unlisted one only with its secret. */
export function addressOf(video: Video): string {
  const share = video.share_slug ? `?share=${video.share_slug}` : "";
  return `${location.origin}/watch/${video.video_id}${share}`;
}

/** Browsers have no clipboard for pages that are neither https nor local. */
async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
