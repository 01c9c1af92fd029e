import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import { formatBytes } from "../../ui/format.ts";
import { Figure } from "./Figure.tsx";
import { pointsOf, totalOf } from "./points.ts";
import { type Metric, type Sample, SPANS, type Span, useStatistics } from "./queries.ts";

/** What there was over time: transcodes, minutes, storage, what was watched, sockets. */
export function Charts({ span, samples }: { span: Span; samples: readonly Sample[] }) {
  const { t, i18n } = useTranslation();
  const { data, error, refetch } = useStatistics(span);
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />;
  const { language } = i18n;
  const number = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const count = (value: number) => number.format(value);
  // Zero's unit would be bytes; below it, what went.
  const bytes = (value: number) => (value < 0 ? "−" : "") + formatBytes(Math.abs(value), language);
  const hours = SPANS[span].step === "hour";
  const stepped = new Intl.DateTimeFormat(
    language,
    hours ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short", timeZone: "UTC" },
  );
  const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
  const points = (...metrics: { metric: Metric; factor?: number }[]) =>
    data ? pointsOf(data, metrics) : undefined;
  const total = (metric: Metric) => (data ? totalOf(data, metric) : 0);
  const time = (atMs: number) => stepped.format(atMs);
  const now = samples.at(-1);
  return (
    <div className="charts">
      <Figure
        title={t("dashboard.transcodes")}
        summary={t("dashboard.transcodesSum", {
          done: count(total("transcodes")),
          failed: count(total("transcodes_failed")),
        })}
        kind="bars"
        points={points({ metric: "transcodes" }, { metric: "transcodes_failed" })}
        lines={[
          { key: "transcodes", name: t("status.completed"), color: "var(--good)" },
          { key: "transcodes_failed", name: t("status.failed"), color: "var(--bad)" },
        ]}
        time={time}
        amount={count}
      />
      <Figure
        title={t("dashboard.minutes")}
        summary={t("dashboard.minutesSum", { minutes: count(total("transcoded_s") / 60) })}
        kind="bars"
        points={points({ metric: "transcoded_s", factor: 1 / 60 })}
        lines={[{ key: "transcoded_s", name: t("dashboard.minutes"), color: "var(--primary)" }]}
        time={time}
        amount={count}
      />
      <Figure
        title={t("dashboard.storage")}
        summary={t("dashboard.storageSum", {
          uploaded: bytes(total("uploaded_bytes")),
          published: bytes(total("published_bytes")),
          deleted: bytes(total("deleted_bytes")),
        })}
        kind="bars"
        points={points(
          { metric: "uploaded_bytes" },
          { metric: "published_bytes" },
          { metric: "deleted_bytes", factor: -1 },
        )}
        lines={[
          { key: "uploaded_bytes", name: t("dashboard.uploaded"), color: "var(--info)" },
          { key: "published_bytes", name: t("dashboard.published"), color: "var(--good)" },
          { key: "deleted_bytes", name: t("dashboard.deleted"), color: "var(--bad)" },
        ]}
        time={time}
        amount={bytes}
      />
      <Figure
        title={t("dashboard.watched")}
        summary={t("dashboard.watchedSum", { plays: count(total("plays")), views: count(total("views")) })}
        kind="lines"
        points={points({ metric: "plays" }, { metric: "views" }, { metric: "uploads" })}
        lines={[
          { key: "plays", name: t("dashboard.plays"), color: "var(--primary)" },
          { key: "views", name: t("video.viewCount"), color: "var(--good)" },
          { key: "uploads", name: t("dashboard.uploads"), color: "var(--warn)" },
        ]}
        time={time}
        amount={count}
      />
      <Figure
        title={t("dashboard.sockets")}
        summary={t("dashboard.socketsSum", { sockets: now?.sockets ?? 0, users: now?.users ?? 0 })}
        kind="lines"
        points={now && samples.map(({ atMs, sockets, users }) => ({ atMs, sockets, users }))}
        lines={[
          { key: "sockets", name: t("dashboard.connections"), color: "var(--primary)" },
          { key: "users", name: t("dashboard.people"), color: "var(--good)" },
        ]}
        time={(atMs) => clock.format(atMs)}
        amount={count}
      />
    </div>
  );
}
