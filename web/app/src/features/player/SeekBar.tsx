import { type PointerEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatClock } from "../../ui/format.ts";
import { type Still, stillAt } from "./storyboard.ts";

interface Props {
  timeS: number;
  bufferedS: number;
  /** As far as one may seek: a growing video ends before its length. */
  readyS: number;
  durationS: number;
  stills: readonly Still[];
  onSeek: (timeS: number) => void;
}

const STEP_S = 5;

/** Where one is, what is loaded, what is transcoded; with a picture of where the pointer is. */
export function SeekBar({ timeS, bufferedS, readyS, durationS, stills, onSeek }: Props) {
  const { t } = useTranslation();
  const bar = useRef<HTMLDivElement>(null);
  const [pointerS, setPointerS] = useState<number | null>(null);
  const [dragging, setDragging] = useState(false);
  const lengthS = Math.max(durationS, 0.001);
  const percent = (seconds: number) => `${Math.min(100, (100 * seconds) / lengthS)}%`;
  const at = (event: PointerEvent): number => {
    const box = bar.current?.getBoundingClientRect();
    if (!box) return 0;
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * lengthS;
  };
  const seek = (seconds: number) => onSeek(Math.min(Math.max(0, seconds), readyS));
  const shownS = dragging && pointerS !== null ? pointerS : timeS;
  return (
    <div
      ref={bar}
      className="seek"
      role="slider"
      tabIndex={0}
      aria-label={t("player.seek")}
      aria-valuemin={0}
      aria-valuemax={Math.round(lengthS)}
      aria-valuenow={Math.round(timeS)}
      aria-valuetext={t("player.position", { time: formatClock(timeS), duration: formatClock(durationS) })}
      onKeyDown={(event) => {
        const steps: Record<string, number> = {
          ArrowLeft: timeS - STEP_S,
          ArrowRight: timeS + STEP_S,
          Home: 0,
          End: readyS,
        };
        const wanted = steps[event.key];
        if (wanted === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        seek(wanted);
      }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragging(true);
        setPointerS(at(event));
      }}
      onPointerMove={(event) => setPointerS(at(event))}
      onPointerUp={(event) => {
        if (dragging) seek(at(event));
        setDragging(false);
      }}
      onPointerCancel={() => setDragging(false)}
      onPointerLeave={() => !dragging && setPointerS(null)}
    >
      <div className="seek-track">
        <div className="seek-ready" style={{ width: percent(readyS) }} />
        <div className="seek-buffered" style={{ width: percent(bufferedS) }} />
        <div className="seek-played" style={{ width: percent(shownS) }} />
      </div>
      <div className="seek-knob" style={{ left: percent(shownS) }} />
      {pointerS !== null && (
        <Preview timeS={pointerS} fraction={pointerS / lengthS} still={stillAt(stills, pointerS)} />
      )}
    </div>
  );
}

function Preview({ timeS, fraction, still }: { timeS: number; fraction: number; still: Still | undefined }) {
  const width = still?.width ?? 60;
  return (
    <div
      className="seek-preview"
      // Never beyond the bar's ends.
      style={{ left: `clamp(${width / 2}px, ${fraction * 100}%, calc(100% - ${width / 2}px))` }}
    >
      {still && (
        <div
          className="seek-still"
          style={{
            width: still.width,
            height: still.height,
            backgroundImage: `url("${still.url}")`,
            backgroundPosition: `-${still.x}px -${still.y}px`,
          }}
        />
      )}
      <span>{formatClock(timeS)}</span>
    </div>
  );
}
