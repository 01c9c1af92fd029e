import { CloseOutlined, PauseOutlined, PlayCircleOutlined, ReloadOutlined } from "@ant-design/icons";
import { Button, Popconfirm, Progress, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFeedback } from "../../ui/feedback.tsx";
import { formatBytes, formatLeft } from "../../ui/format.ts";
import { useSentence } from "../../ui/sentence.ts";
import { TranscodeStatus } from "../transcode/TranscodeStatus/index.tsx";
import type { Upload, UploadManager } from "./manager.ts";

interface Props {
  upload: Upload;
  manager: UploadManager;
}

/** One file on its way: its bar, then that of its transcode. */
export function UploadRow({ upload, manager }: Props) {
  const { t } = useTranslation();
  const { status, videoId, name } = upload;
  return (
    <li className="upload card" data-status={status} data-name={name}>
      <div className="upload-head">
        <strong className="upload-name" title={name}>
          {status === "done" && videoId ? <Link to={`/watch/${videoId}`}>{name}</Link> : name}
        </strong>
        <span className="grow" />
        <Buttons upload={upload} manager={manager} />
      </div>
      {status === "done" && videoId ? (
        <TranscodeStatus videoId={videoId} />
      ) : (
        <>
          {status !== "refused" && (
            <Progress
              percent={Math.floor((100 * upload.sentBytes) / upload.sizeBytes)}
              status={status === "failed" ? "exception" : status === "sending" ? "active" : "normal"}
              aria-label={t("upload.progress", { name })}
            />
          )}
          <Facts upload={upload} />
        </>
      )}
    </li>
  );
}

function Facts({ upload }: { upload: Upload }) {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const { status, sentBytes, sizeBytes, bytesPerS, error, refusal } = upload;
  const bytes = (count: number) => formatBytes(count, i18n.language);
  if (refusal) return <p className="bad">{t(`upload.refusal.${refusal}`)}</p>;
  if (status === "failed") return <p className="bad">{error ? sentence(error) : t("problem.unknown")}</p>;
  if (status === "interrupted") return <p className="warn">{t("upload.interrupted")}</p>;
  if (status === "elsewhere") return <p className="muted">{t("upload.elsewhere")}</p>;
  const left = bytesPerS ? (sizeBytes - sentBytes) / bytesPerS : null;
  return (
    <p className="upload-facts muted">
      <span>{t("upload.bytes", { sent: bytes(sentBytes), total: bytes(sizeBytes) })}</span>
      {status === "sending" && bytesPerS !== null && (
        <span>{t("upload.speed", { speed: bytes(bytesPerS) })}</span>
      )}
      {status === "sending" && left !== null && (
        <span>{t("transcode.left", { time: formatLeft(left, i18n.language) })}</span>
      )}
      {status === "waiting" && <span>{t("upload.waiting")}</span>}
      {status === "paused" && <span>{t("upload.paused")}</span>}
    </p>
  );
}

function Buttons({ upload: { key, status, name, videoId }, manager }: Props) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const remove = () =>
    manager.remove(key).catch((error: Error) => {
      void message.error(sentence(error));
    });
  if (status === "elsewhere") return null;
  const simple = status === "done" || status === "refused" || videoId === null;
  const cross = (
    <Button
      type="text"
      size="small"
      icon={<CloseOutlined />}
      aria-label={t(simple ? "upload.dismiss" : "upload.abort", { name })}
      {...(simple && { onClick: () => void remove() })}
    />
  );
  return (
    <>
      {(status === "sending" || status === "waiting") && (
        <Tooltip title={t("upload.pause")}>
          <Button
            type="text"
            size="small"
            icon={<PauseOutlined />}
            aria-label={t("upload.pauseName", { name })}
            onClick={() => manager.pause(key)}
          />
        </Tooltip>
      )}
      {status === "paused" && (
        <Button size="small" icon={<PlayCircleOutlined />} onClick={() => manager.resume(key)}>
          {t("upload.resume")}
        </Button>
      )}
      {status === "failed" && (
        <Button size="small" icon={<ReloadOutlined />} onClick={() => manager.resume(key)}>
          {t("retry")}
        </Button>
      )}
      {simple ? (
        cross
      ) : (
        <Popconfirm
          title={t("upload.abortSure")}
          okText={t("upload.abortYes")}
          cancelText={t("keep")}
          okButtonProps={{ danger: true }}
          onConfirm={remove}
        >
          {cross}
        </Popconfirm>
      )}
    </>
  );
}
