import { ReloadOutlined, StopOutlined } from "@ant-design/icons";
import { Button, Popconfirm, Skeleton, Tooltip } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "../../../ui/Failure.tsx";
import { useFeedback } from "../../../ui/feedback.tsx";
import { StatusTag } from "../../../ui/StatusTag.tsx";
import { useSentence } from "../../../ui/sentence.ts";
import { hasEnded, type Status } from "../status.ts";
import { useTranscodeActions, useTranscodeStatus } from "../useTranscodeStatus.ts";
import { Bar } from "./Bar.tsx";
import { RenditionRow } from "./RenditionRow.tsx";

export interface TranscodeStatusProps {
  videoId: number;
  /** Milliseconds between two questions while there is no socket. Default 5,000. */
  refreshInterval?: number;
  /** One line: no renditions. */
  compact?: boolean;
  /** Without buttons to cancel and retry. */
  readOnly?: boolean;
  /** Called once, when the transcode ends while it is shown. */
  onEnd?: (status: Status) => void;
}

/** How the transcode of a video stands, live. */
export function TranscodeStatus({
  videoId,
  refreshInterval = 5000,
  compact = false,
  readOnly = false,
  onEnd,
}: TranscodeStatusProps) {
  const { t } = useTranslation();
  const { data, error, isPending, live, refresh, isFetching } = useTranscodeStatus(videoId, refreshInterval);
  useEnd(data, onEnd);
  if (isPending) return <Skeleton active title={false} paragraph={{ rows: compact ? 1 : 3 }} />;
  if (!data) return <Failure error={error ?? new Error()} onRetry={refresh} />;
  return (
    <section
      className={compact ? "transcode compact" : "transcode"}
      aria-label={t("transcode.title")}
      data-status={data.status}
      data-live={live}
    >
      <div className="transcode-head">
        <StatusTag status={data.status} error={data.error} />
        <Message status={data} />
        <span className="grow" />
        {!compact && (
          <Tooltip title={t("transcode.refresh")}>
            <Button
              type="text"
              size="small"
              icon={<ReloadOutlined spin={isFetching} />}
              aria-label={t("transcode.refresh")}
              onClick={refresh}
            />
          </Tooltip>
        )}
        {!readOnly && <Actions status={data} />}
      </div>
      {!hasEnded(data.status) && <Bar status={data.status} progress={data.progress} />}
      {!compact && data.renditions.length > 0 && (
        <ul className="renditions">
          {data.renditions.map((one) => (
            <RenditionRow key={one.name} videoId={videoId} rendition={one} readOnly={readOnly} />
          ))}
        </ul>
      )}
    </section>
  );
}

function useEnd(status: Status | undefined, onEnd: TranscodeStatusProps["onEnd"]): void {
  const ended = status ? hasEnded(status.status) : null;
  const before = useRef<boolean | null>(null);
  useEffect(() => {
    if (status && ended && before.current === false) onEnd?.(status);
    if (ended !== null) before.current = ended;
  }, [status, ended, onEnd]);
}

function Message({ status }: { status: Status }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  if (status.error) return <span className="transcode-error">{sentence(status.error)}</span>;
  if (status.waiting) return <span className="muted">{t("transcode.waiting")}</span>;
  if (hasEnded(status.status)) return null;
  const done = status.renditions.filter((one) => one.status === "completed").length;
  const total = status.renditions.length;
  return (
    <span className="muted">
      {total ? t("transcode.renditions", { done, total }) : t("transcode.preparing")}
    </span>
  );
}

function Actions({ status }: { status: Status }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const { cancel, retry } = useTranscodeActions(status.video_id);
  const onError = (error: Error) => void message.error(sentence(error));
  if (!hasEnded(status.status)) {
    return (
      <Popconfirm
        title={t("transcode.cancelSure")}
        okText={t("transcode.cancel")}
        cancelText={t("keep")}
        onConfirm={() => cancel.mutate(undefined, { onError })}
      >
        <Button size="small" icon={<StopOutlined />} loading={cancel.isPending}>
          {t("transcode.cancel")}
        </Button>
      </Popconfirm>
    );
  }
  if (status.status !== "failed" && status.status !== "cancelled") return null;
  return (
    <Button
      size="small"
      type="primary"
      icon={<ReloadOutlined />}
      loading={retry.isPending}
      onClick={() => !retry.isPending && retry.mutate(null, { onError })}
    >
      {t("retry")}
    </Button>
  );
}
