import { GlobalOutlined, LinkOutlined, LockOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { Video } from "./useVideos.ts";

const ICONS = { private: <LockOutlined />, unlisted: <LinkOutlined />, public: <GlobalOutlined /> };

/** Who may see a video. */
export function Shown({ visibility }: { visibility: Video["visibility"] }) {
  const { t } = useTranslation();
  return (
    <span className="shown">
      {ICONS[visibility]} {t(`visibility.${visibility}`)}
    </span>
  );
}
