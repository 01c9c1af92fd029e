import { Button, Table, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatBytes, formatDollars } from "../../ui/format.ts";
import { useSentence } from "../../ui/sentence.ts";
import type { Task } from "./timeline.ts";

/** A page of them. */
const PAGE = 20;

/** Whether a task is worth a look: it failed, or took more than one attempt. */
function stoodOut(task: Task): boolean {
  return task.status === "failed" || task.error !== null || task.attempt > 1;
}

/** Tasks that went wrong; all of them, if asked for. */
export function TaskTable({ tasks }: { tasks: readonly Task[] }) {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const [all, setAll] = useState(false);
  const shown = all ? tasks : tasks.filter(stoodOut);
  const columns: TableColumnsType<Task> = [
    { title: t("jobs.taskName"), dataIndex: "task_id", render: (id: string) => <code>{id}</code> },
    { title: t("video.status"), key: "status", render: (_, task) => t(`jobs.task.${task.status}`) },
    { title: t("jobs.attemptCount"), dataIndex: "attempt", align: "end" },
    {
      title: t("jobs.error"),
      key: "error",
      render: (_, { error }) =>
        error && (
          <span className="transcode-error">
            {sentence(error)} <code>{error.code}</code>
          </span>
        ),
    },
    {
      title: t("jobs.size"),
      key: "size",
      align: "end",
      responsive: ["md"],
      render: (_, { size_bytes }) => (size_bytes === null ? "–" : formatBytes(size_bytes, i18n.language)),
    },
    {
      title: t("jobs.cost"),
      key: "cost",
      align: "end",
      responsive: ["md"],
      render: (_, { cost_usd }) => (cost_usd === null ? "–" : formatDollars(cost_usd, i18n.language)),
    },
  ];
  return (
    <div className="tasks">
      <p className="tasks-head">
        <span className="muted">
          {all || shown.length ? t("jobs.taskCount", { count: shown.length }) : t("jobs.allWell")}
        </span>
        <Button size="small" onClick={() => setAll(!all)}>
          {t(all ? "jobs.onlyTrouble" : "jobs.allTasks")}
        </Button>
      </p>
      {shown.length > 0 && (
        <Table<Task>
          rowKey="task_id"
          size="small"
          columns={columns}
          dataSource={[...shown]}
          aria-label={t("jobs.tasks")}
          pagination={shown.length > PAGE ? { pageSize: PAGE, showSizeChanger: false } : false}
        />
      )}
    </div>
  );
}
