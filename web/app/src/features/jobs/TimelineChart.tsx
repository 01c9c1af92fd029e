import { useTranslation } from "react-i18next";
import { formatDollars } from "../../ui/format.ts";
import { useNow } from "../../ui/Updated.tsx";
import { type Bar, layOut, type Task } from "./timeline.ts";

interface Props {
  tasks: readonly Task[];
  running: boolean;
}

/** So many marks divide the axis. */
const MARKS = 4;

/** The tasks of a transcode over time, by group; beside each group what it took. */
export function TimelineChart({ tasks, running }: Props) {
  const { t, i18n } = useTranslation();
  const nowMs = useNow(running ? 1000 : 3_600_000);
  const timeline = layOut(tasks, nowMs);
  if (!timeline) return null;
  const lengthS = (timeline.endMs - timeline.startMs) / 1000;
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: lengthS < 20 ? 1 : 0 });
  const seconds = new Intl.NumberFormat(i18n.language, {
    style: "unit",
    unit: "second",
    unitDisplay: "short",
    maximumFractionDigits: 1,
  });
  return (
    <figure className="timeline">
      <figcaption className="visually-hidden">{t("jobs.timeline")}</figcaption>
      {timeline.groups.map(({ group, lanes, total, done, waiting, cpuS, usd }) => (
        <div key={group} className="timeline-group" data-group={group}>
          <div className="timeline-name">
            <strong>{t(`jobs.group.${group}` as "jobs.group.h264", { defaultValue: group })}</strong>
            <span className="muted">
              {t("jobs.tasksDone", { done, total })}
              {waiting > 0 && ` · ${t("jobs.tasksWaiting", { count: waiting })}`}
            </span>
            {cpuS > 0 && (
              <span className="muted">
                {t("jobs.cpu", { seconds: seconds.format(cpuS) })} · {formatDollars(usd, i18n.language)}
              </span>
            )}
          </div>
          <div className="timeline-lanes">
            {lanes.map((lane) => (
              <div key={lane[0]?.task.task_id} className="timeline-lane">
                {lane.map((bar) => (
                  <span
                    key={bar.task.task_id}
                    className={`timeline-bar ${bar.task.status}${bar.task.attempt > 1 ? " again" : ""}`}
                    style={{ left: `${bar.from * 100}%`, width: `${(bar.to - bar.from) * 100}%` }}
                    title={said(bar)}
                    data-task={bar.task.task_id}
                  />
                ))}
              </div>
            ))}
            {!lanes.length && <div className="timeline-lane" />}
          </div>
        </div>
      ))}
      <div className="timeline-axis muted" aria-hidden>
        {Array.from({ length: MARKS + 1 }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: marks have no other name
          <span key={index} style={{ left: `${(index / MARKS) * 100}%` }}>
            {t("jobs.seconds", { seconds: number.format((lengthS * index) / MARKS) })}
          </span>
        ))}
      </div>
    </figure>
  );

  function said({ task, from, to }: Bar): string {
    const took = seconds.format((to - from) * lengthS);
    const what = t("jobs.segments", { first: task.first, last: task.end - 1 });
    const attempts = task.attempt > 1 ? ` · ${t("jobs.attempts", { count: task.attempt })}` : "";
    return `${what} · ${t(`jobs.task.${task.status}`)} · ${took}${attempts}`;
  }
}
