import { CameraOutlined } from "@ant-design/icons";
import { Button, Slider } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatClock } from "../../ui/format.ts";
import type { Video } from "../library/useVideos.ts";
import { stillAt } from "../player/storyboard.ts";
import { useStills } from "../player/useStills.ts";

interface Props {
  video: Video;
  /** The frame that was chosen last. */
  startS: number | null;
  busy: boolean;
  onChoose: (atS: number) => void;
}

/** Beyond the last frame there is none. */
const BEFORE_END_S = 0.1;

/** A frame, found with the storyboard's pictures. */
export function FrameChooser({ video, startS, busy, onChoose }: Props) {
  const { t } = useTranslation();
  const lengthS = Math.max(0, (video.duration_s ?? 0) - BEFORE_END_S);
  const [atS, setAtS] = useState(Math.min(startS ?? lengthS / 3, lengthS));
  const stills = useStills(video.storyboard_url);
  const still = stillAt(stills, atS);
  if (!video.storyboard_url || !lengthS) return <p className="muted">{t("picture.noFrames")}</p>;
  return (
    <div className="frame">
      <div className="frame-still" aria-hidden>
        {still && (
          <div
            style={{
              width: still.width,
              height: still.height,
              backgroundImage: `url("${still.url}")`,
              backgroundPosition: `-${still.x}px -${still.y}px`,
            }}
          />
        )}
      </div>
      <div className="frame-choose">
        <Slider
          min={0}
          max={lengthS}
          step={0.1}
          value={atS}
          onChange={setAtS}
          disabled={busy}
          tooltip={{ formatter: (value) => formatClock(value ?? 0) }}
          ariaLabelForHandle={t("picture.frame")}
          ariaValueTextFormatterForHandle={(value) => formatClock(value)}
        />
        <Button type="primary" icon={<CameraOutlined />} disabled={busy} onClick={() => onChoose(round(atS))}>
          {t("picture.takeFrame", { time: formatClock(atS) })}
        </Button>
      </div>
    </div>
  );
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
