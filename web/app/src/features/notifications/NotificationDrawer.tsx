import {
  CheckCircleFilled,
  CloseCircleFilled,
  InfoCircleFilled,
  MinusCircleFilled,
  WarningFilled,
} from "@ant-design/icons";
import { Button, Drawer, Empty, Skeleton } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Failure } from "../../ui/Failure.tsx";
import { formatAgo, formatBytes } from "../../ui/format.ts";
import { codecName } from "../../ui/names.ts";
import { useSentence } from "../../ui/sentence.ts";
import { type Notification, useNotifications } from "./queries.ts";

interface Props {
  onClose: () => void;
  /** The list is there: what is in it counts as read. */
  onShown: () => void;
}

/** What one was told in the last seven days, newest first. What is new stays marked until it is closed. */
export default function NotificationDrawer({ onClose, onShown }: Props) {
  const { t } = useTranslation();
  const list = useNotifications(true);
  const [shown, setShown] = useState(true);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const notifications = list.data?.pages.flatMap((page) => page.notifications) ?? [];
  const newest = notifications[0]?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the list is there, and for each arrival
  useEffect(() => {
    const unread = notifications.filter((one) => !one.read).map((one) => one.id);
    if (!unread.length) return;
    setFresh((before) => new Set([...before, ...unread]));
    onShown();
  }, [newest]);
  return (
    <Drawer
      open={shown}
      title={t("bell.title")}
      size={380}
      onClose={() => setShown(false)}
      afterOpenChange={(open) => !open && onClose()}
      styles={{ body: { padding: 0 } }}
    >
      {list.isPending && <Skeleton active className="padded" />}
      {list.error && !list.data && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && !notifications.length && (
        <Empty className="padded" image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("bell.empty")} />
      )}
      <ul className="notices">
        {notifications.map((one) => (
          <Notice key={one.id} notification={one} fresh={fresh.has(one.id)} onFollow={onClose} />
        ))}
      </ul>
      {list.hasNextPage && (
        <div className="center padded">
          <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
            {t("more")}
          </Button>
        </div>
      )}
    </Drawer>
  );
}

/** The fields that go with each kind; see `Message` of the client package. */
type Fields = Partial<Record<"title" | "format_type" | "error" | "code" | "message" | "level", string>> & {
  file_size?: number;
  video_id?: number;
  text?: Record<string, string>;
};

interface NoticeProps {
  notification: Notification;
  fresh: boolean;
  onFollow: () => void;
}

function Notice({ notification, fresh, onFollow }: NoticeProps) {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const fields = notification as Notification & Fields;
  const { icon, title, text } = describe();
  return (
    <li className={fresh ? "notice fresh" : "notice"}>
      <span className="notice-icon">{icon}</span>
      <div>
        <p className="notice-title">
          {fields.video_id ? (
            <Link to={`/watch/${fields.video_id}`} onClick={onFollow}>
              {title}
            </Link>
          ) : (
            title
          )}
          {fresh && <span className="visually-hidden"> ({t("bell.new")})</span>}
        </p>
        {text && <p className="notice-text">{text}</p>}
        <time className="muted" dateTime={notification.timestamp}>
          {formatAgo(notification.timestamp, i18n.language)}
        </time>
      </div>
    </li>
  );

  function describe(): { icon: ReactNode; title: string; text: string } {
    const said = fields.text?.[i18n.language] ?? fields.message ?? "";
    switch (notification.type) {
      case "transcode_complete":
        return {
          icon: <CheckCircleFilled className="good" />,
          title: t("toast.completed", { title: fields.title ?? "" }),
          text: `${codecName(fields.format_type ?? "")} · ${formatBytes(fields.file_size ?? 0, i18n.language)}`,
        };
      case "transcode_failed":
        return {
          icon: <CloseCircleFilled className="bad" />,
          title: t("toast.failed", { title: fields.title ?? "" }),
          text: sentence({ code: fields.code ?? "", message: fields.error ?? "" }),
        };
      case "system_message": {
        const icons: Record<string, ReactNode> = {
          warning: <WarningFilled className="warn" />,
          error: <CloseCircleFilled className="bad" />,
        };
        const icon = icons[fields.level ?? ""] ?? <InfoCircleFilled className="info" />;
        return { icon, title: t("toast.system"), text: said };
      }
      default:
        return { icon: <MinusCircleFilled className="muted" />, title: said, text: "" };
    }
  }
}
