import { NotificationOutlined } from "@ant-design/icons";
import { Button, Empty, Popconfirm, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import { useFeedback } from "../../ui/feedback.tsx";
import { formatMoment } from "../../ui/format.ts";
import { useSentence } from "../../ui/sentence.ts";
import { useNow } from "../../ui/Updated.tsx";
import { AnnounceDialog } from "./AnnounceDialog.tsx";
import { type Announcement, stageOf, useAnnouncements, useWithdraw } from "./queries.ts";

const STAGE_LOOKS = { scheduled: "pending", valid: "completed", past: "" } as const;
const LEVEL_LOOKS = { info: "processing", warning: "cancelled", error: "failed" } as const;

/** What was said to everybody, and what will be. */
export function Announcements() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useAnnouncements();
  const [writing, setWriting] = useState(false);
  const nowMs = useNow(10_000);
  return (
    <>
      <div className="list-head">
        <p className="muted">{t("announce.text")}</p>
        <span className="grow" />
        <Button type="primary" icon={<NotificationOutlined />} onClick={() => setWriting(true)}>
          {t("announce.new")}
        </Button>
      </div>
      {isPending && <Skeleton active paragraph={{ rows: 5 }} />}
      {error && !data && <Failure error={error} onRetry={() => void refetch()} />}
      {data && !data.messages.length && <Empty description={t("announce.none")} />}
      <ul className="stack">
        {data?.messages.map((one) => (
          <Item key={one.message_id} message={one} nowMs={nowMs} />
        ))}
      </ul>
      {writing && <AnnounceDialog onClose={() => setWriting(false)} />}
    </>
  );
}

function Item({ message: one, nowMs }: { message: Announcement; nowMs: number }) {
  const { t, i18n } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const withdraw = useWithdraw();
  const stage = stageOf(one, nowMs);
  const moment = (text: string) => formatMoment(text, i18n.language);
  return (
    <li className="card announcement" data-stage={stage}>
      <p className="letters-head">
        <span className={`status ${STAGE_LOOKS[stage]}`}>{t(`announce.stage.${stage}`)}</span>
        <span className={`status ${LEVEL_LOOKS[one.level]}`}>{t(`announce.level.${one.level}`)}</span>
        <span className="muted">
          {one.audience === "user"
            ? t("announce.toUser", { user: one.user_id ?? "" })
            : t(`announce.to.${one.audience}`)}
        </span>
        <span className="grow" />
        {stage !== "past" && (
          <Popconfirm
            title={t(one.sent ? "announce.withdrawSent" : "announce.withdrawSure")}
            okText={t("announce.withdraw")}
            okButtonProps={{ danger: true }}
            cancelText={t("keep")}
            onConfirm={() =>
              withdraw.mutate(one.message_id, {
                onSuccess: () => void message.success(t("announce.withdrawn")),
                onError: (error) => void message.error(sentence(error)),
              })
            }
          >
            <Button size="small" danger loading={withdraw.isPending}>
              {t("announce.withdraw")}
            </Button>
          </Popconfirm>
        )}
      </p>
      <p className="announcement-text">{one.message}</p>
      <p className="muted">
        {t("announce.span", { from: moment(one.starts_at), to: moment(one.expires_at) })}
      </p>
    </li>
  );
}
