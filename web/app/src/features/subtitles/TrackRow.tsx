import { DeleteOutlined, EditOutlined, EyeOutlined, StarFilled, StarOutlined } from "@ant-design/icons";
import { Button, Popconfirm, Tooltip } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { CuePreview } from "./CuePreview.tsx";
import { EditTrack } from "./EditTrack.tsx";
import { languageName } from "./languages.ts";
import { type Subtitle, useSubtitleActions } from "./queries.ts";

interface Props {
  videoId: number;
  track: Subtitle;
}

/** One track: what it is, what can be done with it, its text on demand. */
export function TrackRow({ videoId, track }: Props) {
  const { t, i18n } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence("subtitles");
  const { change, remove } = useSubtitleActions(videoId);
  const [open, setOpen] = useState<"preview" | "edit" | null>(null);
  const { language, label } = track;
  const onError = (error: Error) => void message.error(sentence(error));
  const toggle = (what: "preview" | "edit") => setOpen(open === what ? null : what);
  const number = new Intl.NumberFormat(i18n.language);
  const button = (name: string, icon: ReactNode, onClick: () => void, more: object = {}) => (
    <Tooltip title={name}>
      <Button
        type="text"
        size="small"
        icon={icon}
        aria-label={`${name}: ${label}`}
        onClick={onClick}
        {...more}
      />
    </Tooltip>
  );
  return (
    <li className="track" data-language={language}>
      <div className="track-head">
        <strong className="track-name">{label}</strong>
        <span className="grow" />
        {button(
          t(track.default ? "subtitles.notDefault" : "subtitles.makeDefault"),
          track.default ? <StarFilled className="warn" /> : <StarOutlined />,
          () => change.mutate({ language, default: !track.default }, { onError }),
          { "aria-pressed": track.default, loading: change.isPending },
        )}
        {button(t("subtitles.preview"), <EyeOutlined />, () => toggle("preview"), {
          "aria-expanded": open === "preview",
        })}
        {button(t("subtitles.edit"), <EditOutlined />, () => toggle("edit"), {
          "aria-expanded": open === "edit",
        })}
        <Popconfirm
          title={t("subtitles.deleteSure", { label })}
          okText={t("video.delete")}
          okButtonProps={{ danger: true }}
          cancelText={t("cancel")}
          onConfirm={() => remove.mutate(language, { onError })}
        >
          {button(t("video.delete"), <DeleteOutlined />, () => {}, {
            danger: true,
            loading: remove.isPending,
          })}
        </Popconfirm>
      </div>
      <p className="video-facts muted">
        <span>
          {languageName(language, i18n.language)} ({language})
        </span>
        <span>{track.format.toUpperCase()}</span>
        <span>{t("subtitles.cues", { count: track.cues, number: number.format(track.cues) })}</span>
        {track.shift_ms !== 0 && (
          <span>{t("subtitles.shifted", { seconds: signed(track.shift_ms / 1000, i18n.language) })}</span>
        )}
        {track.default && <span className="warn">{t("subtitles.default")}</span>}
      </p>
      {open === "preview" && <CuePreview videoId={videoId} track={track} />}
      {open === "edit" && (
        <EditTrack
          key={track.updated_at}
          track={track}
          busy={change.isPending}
          onSave={(body) =>
            change.mutate({ language, ...body }, { onSuccess: () => setOpen("preview"), onError })
          }
        />
      )}
    </li>
  );
}

/** With its sign, which says whether it is later or earlier. */
function signed(value: number, language: string): string {
  return new Intl.NumberFormat(language, { signDisplay: "exceptZero", maximumFractionDigits: 3 }).format(
    value,
  );
}
