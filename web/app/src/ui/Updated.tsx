import { ReloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatSecondsAgo } from "./format.ts";

interface Props {
  /** When what is shown was last told, in Unix milliseconds; 0: not yet. */
  atMs: number;
  /** Whether changes come by themselves. */
  live?: boolean | undefined;
  busy: boolean;
  onRefresh: () => void;
}

/** How old what is shown is, and how to have it anew. */
export function Updated({ atMs, live, busy, onRefresh }: Props) {
  const { t, i18n } = useTranslation();
  const nowMs = useNow(1000);
  return (
    <span className="updated muted">
      {live !== undefined && (
        <span className={live ? "live on" : "live"}>{t(live ? "updated.live" : "updated.notLive")}</span>
      )}
      {atMs > 0 && (
        <span data-testid="updated">
          {t("updated.ago", { ago: formatSecondsAgo(nowMs - atMs, i18n.language) })}
        </span>
      )}
      <Button
        type="text"
        size="small"
        icon={<ReloadOutlined spin={busy} />}
        aria-label={t("updated.refresh")}
        onClick={onRefresh}
      />
    </span>
  );
}

/** The time, as often as asked for. */
export function useNow(everyMs: number): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}
