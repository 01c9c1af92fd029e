import { Button, Drawer, Empty, Popconfirm, Segmented, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import { useFeedback } from "../../ui/feedback.tsx";
import { formatMoment } from "../../ui/format.ts";
import { useSentence } from "../../ui/sentence.ts";
import {
  type Delivery,
  STATUSES,
  type Status,
  useBody,
  useDeliveries,
  useReplay,
  useReplayFailed,
  type Webhook,
} from "./queries.ts";

const LOOKS = { pending: "pending", delivered: "completed", failed: "failed" } as const;

/** What was posted to a webhook in the last seven days, and what came of it. */
export function DeliveryDrawer({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const [open, setOpen] = useState(true);
  const [status, setStatus] = useState<Status | "all">("all");
  const list = useDeliveries(webhook.webhook_id, status === "all" ? undefined : status);
  const replay = useReplayFailed(webhook.webhook_id);
  const deliveries = list.data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <Drawer
      open={open}
      title={t("hooks.deliveries")}
      size={560}
      onClose={() => setOpen(false)}
      afterOpenChange={(now) => !now && onClose()}
    >
      <div className="stack">
        <p className="hook-url muted">{webhook.url}</p>
        <div className="list-head">
          <Segmented<Status | "all">
            aria-label={t("video.status")}
            value={status}
            onChange={setStatus}
            options={(["all", ...STATUSES] as const).map((value) => ({
              value,
              label: t(`hooks.status.${value}`),
            }))}
          />
          <span className="grow" />
          <Popconfirm
            title={t("hooks.replayFailedSure")}
            okText={t("hooks.replayFailed")}
            cancelText={t("keep")}
            onConfirm={() =>
              replay.mutate(undefined, {
                onSuccess: (count) => void message.success(t("hooks.replayed", { count })),
                onError: (error) => void message.error(sentence(error)),
              })
            }
          >
            <Button loading={replay.isPending}>{t("hooks.replayFailed")}</Button>
          </Popconfirm>
        </div>
        {list.isPending && <Skeleton active paragraph={{ rows: 5 }} />}
        {list.error && !list.data && <Failure error={list.error} onRetry={() => void list.refetch()} />}
        {list.data && !deliveries.length && (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("hooks.noDeliveries")} />
        )}
        <ul>
          {deliveries.map((one) => (
            <Item key={one.message_id} webhook={webhook} delivery={one} />
          ))}
        </ul>
        {list.hasNextPage && (
          <div className="center">
            <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
              {t("more")}
            </Button>
          </div>
        )}
      </div>
    </Drawer>
  );
}

function Item({ webhook, delivery }: { webhook: Webhook; delivery: Delivery }) {
  const { t, i18n } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const [open, setOpen] = useState(false);
  const replay = useReplay(webhook.webhook_id);
  const { status, type, reason, attempts } = delivery;
  return (
    <li className="letter" data-delivery={status}>
      <p className="letters-head">
        <span className={`status ${LOOKS[status]}`}>{t(`hooks.status.${status}`)}</span>
        <strong>{t(`hooks.event.${type}`)}</strong>
        <time className="muted" dateTime={delivery.created_at}>
          {formatMoment(delivery.created_at, i18n.language)}
        </time>
        {reason && <code>{reason}</code>}
      </p>
      <ul className="attempts">
        {attempts.map((one) => (
          <li key={one.at}>
            <time className="muted" dateTime={one.at}>
              {formatMoment(one.at, i18n.language)}
            </time>{" "}
            <code className={one.status && one.status < 300 ? "good" : "bad"}>{one.status ?? one.error}</code>{" "}
            <span className="muted">{t("hooks.took", { ms: one.took_ms })}</span>
            {one.answer && <pre className="json">{one.answer}</pre>}
          </li>
        ))}
      </ul>
      <p className="acts">
        <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? "letters.hide" : "hooks.body")}
        </Button>
        <Button
          size="small"
          loading={replay.isPending}
          disabled={status === "pending"}
          onClick={() =>
            replay.mutate(delivery.message_id, { onError: (error) => void message.error(sentence(error)) })
          }
        >
          {t("hooks.replay")}
        </Button>
      </p>
      {open && <Body id={webhook.webhook_id} messageId={delivery.message_id} />}
    </li>
  );
}

function Body({ id, messageId }: { id: string; messageId: string }) {
  const { data, error, refetch } = useBody(id, messageId);
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  return data === undefined ? <Skeleton active title={false} /> : <pre className="json">{data}</pre>;
}
