import { ReloadOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../../../ui/feedback.tsx";
import { formatBytes, formatLeft } from "../../../ui/format.ts";
import { codecName, resolutionName } from "../../../ui/names.ts";
import { StatusTag } from "../../../ui/StatusTag.tsx";
import { useSentence } from "../../../ui/sentence.ts";
import type { Rendition } from "../status.ts";
import { useTranscodeActions } from "../useTranscodeStatus.ts";
import { Bar } from "./Bar.tsx";

/** Below it a speed says no more than that there is none yet. */
const SLOWEST_SHOWN = 0.05;

interface Props {
  videoId: number;
  rendition: Rendition;
  readOnly: boolean;
}

/** One rendition: what it is, how far it is, what came of it. */
export function RenditionRow({ videoId, rendition, readOnly }: Props) {
  const { t, i18n } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const { retry } = useTranscodeActions(videoId);
  const { codec, resolution, status, progress, speed, eta_s, vmaf, vmaf_detail, size_bytes } = rendition;
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const digits = new Intl.NumberFormat(i18n.language, { maximumSignificantDigits: 2 });
  return (
    <li className="rendition" data-rendition={rendition.name} data-progress={progress}>
      <span className={`codec ${codec}`}>{codecName(codec)}</span>
      <span className="rendition-size" title={resolution.replace("x", "×")}>
        {resolutionName(resolution)}
      </span>
      <div className="rendition-bar">
        {status === "completed" ? <StatusTag status={status} /> : <Bar status={status} progress={progress} />}
      </div>
      <span className="rendition-facts muted">
        {status === "processing" && speed !== null && speed >= SLOWEST_SHOWN && (
          <span>{t("transcode.speed", { speed: digits.format(speed) })}</span>
        )}
        {status === "processing" && eta_s !== null && (
          <span>{t("transcode.left", { time: formatLeft(eta_s, i18n.language) })}</span>
        )}
        {size_bytes !== null && <span>{formatBytes(size_bytes, i18n.language)}</span>}
        {vmaf !== null && (
          <Tooltip title={vmaf_detail && t("transcode.worst", { vmaf: number.format(vmaf_detail.worst) })}>
            <span className={vmaf_detail?.below_floor ? "warn" : ""}>VMAF {number.format(vmaf)}</span>
          </Tooltip>
        )}
      </span>
      {(status === "failed" || status === "cancelled") && (
        <>
          {rendition.error && <StatusTag status={status} error={rendition.error} />}
          {!readOnly && (
            <Button
              size="small"
              icon={<ReloadOutlined />}
              loading={retry.isPending}
              onClick={() =>
                retry.mutate(rendition.name, { onError: (error) => void message.error(sentence(error)) })
              }
            >
              {t("retry")}
            </Button>
          )}
        </>
      )}
    </li>
  );
}
