import { Skeleton } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import { formatClock } from "../../ui/format.ts";
import { parseCues } from "./cues.ts";
import { type Subtitle, useVtt } from "./queries.ts";

/** More are not drawn: whether times and encoding are right shows long before. */
const MOST = 500;

/** A track's text, as players will show it. */
export function CuePreview({ videoId, track }: { videoId: number; track: Subtitle }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useVtt(videoId, track);
  const cues = useMemo(() => parseCues(data ?? ""), [data]);
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton active title={false} paragraph={{ rows: 4 }} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className="cues" tabIndex={0} aria-label={t("subtitles.textOf", { label: track.label })}>
      <ol lang={track.language}>
        {cues.slice(0, MOST).map((cue, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: cues have no name but their place
          <li key={index} className="cue">
            <span className="cue-time">{clock(cue.startS)}</span>
            <span className="cue-text">{cue.text}</span>
          </li>
        ))}
      </ol>
      {cues.length > MOST && <p className="muted">{t("subtitles.more", { count: cues.length - MOST })}</p>}
    </section>
  );
}

/** With tenths: a shift is seen by them. */
function clock(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  return `${formatClock(Math.floor(tenths / 10))}.${tenths % 10}`;
}
