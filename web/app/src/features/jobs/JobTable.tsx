import { Progress, Table, type TableColumnsType, type TableProps } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatAgo, formatClock, formatDollars } from "../../ui/format.ts";
import { codecName } from "../../ui/names.ts";
import { StatusTag } from "../../ui/StatusTag.tsx";
import type { Change } from "../../ui/useAddress.ts";
import { JobDetail } from "./JobDetail.tsx";
import { COLUMNS, type Column, type Filters, type Job } from "./useJobs.ts";

interface Props {
  jobs: Job[];
  filters: Filters;
  onChange: (change: Change) => void;
  /** Rows can be chosen by those who may do something with them. */
  chosen: React.Key[] | null;
  onChoose: (keys: React.Key[]) => void;
}

/** What a row is known by. */
export function keyOf(job: Job): string {
  return `${job.video_id}.${job.generation}`;
}

/** Transcodes in rows, each with its tasks behind it. */
export function JobTable({ jobs, filters, onChange, chosen, onChoose }: Props) {
  const { t, i18n } = useTranslation();
  const { sort, descending } = filters;
  const order = sort && { [sort]: descending ? ("descend" as const) : ("ascend" as const) };
  const sortable = (key: Column) => ({ key, sorter: true, sortOrder: order?.[key] ?? null });
  const columns: TableColumnsType<Job> = [
    {
      ...sortable("title"),
      title: t("video.title"),
      render: (_, job) => (
        <div className="job-title">
          <Link to={`/watch/${job.video_id}`} className="table-title">
            {job.title}
          </Link>
          <span className="muted job-codecs">
            {job.video_id}
            {job.codecs.map((codec) => (
              <span key={codec} className={`codec ${codec}`}>
                {codecName(codec)}
              </span>
            ))}
          </span>
        </div>
      ),
    },
    {
      ...sortable("status"),
      title: t("video.status"),
      width: 140,
      render: (_, job) =>
        job.waiting ? <StatusTag status="pending" /> : <StatusTag status={job.status} error={job.error} />,
    },
    {
      ...sortable("progress"),
      title: t("transcode.progress"),
      width: 160,
      responsive: ["md"],
      render: (_, job) => (
        <Progress
          percent={job.progress}
          size="small"
          status={job.status === "failed" ? "exception" : job.status === "completed" ? "success" : "normal"}
          format={(percent) => `${percent}%`}
          aria-label={t("transcode.progress")}
        />
      ),
    },
    {
      ...sortable("duration"),
      title: t("video.duration"),
      align: "end",
      width: 110,
      responsive: ["lg"],
      render: (_, job) => (job.duration_s === null ? "–" : formatClock(job.duration_s)),
    },
    {
      ...sortable("cost"),
      title: t("jobs.cost"),
      align: "end",
      width: 110,
      responsive: ["lg"],
      render: (_, job) => (job.cost_usd === null ? "–" : formatDollars(job.cost_usd, i18n.language)),
    },
    {
      ...sortable("created"),
      title: t("video.created"),
      width: 150,
      responsive: ["md"],
      render: (_, job) => <time dateTime={job.created_at}>{formatAgo(job.created_at, i18n.language)}</time>,
    },
  ];
  const onTable: TableProps<Job>["onChange"] = (_, __, sorter) => {
    const one = Array.isArray(sorter) ? sorter[0] : sorter;
    const column = one?.order ? COLUMNS.find((name) => name === one.columnKey) : undefined;
    onChange({ sort: column, order: one?.order === "descend" ? "descending" : undefined });
  };
  return (
    <Table<Job>
      rowKey={keyOf}
      columns={columns}
      dataSource={jobs}
      pagination={false}
      size="middle"
      aria-label={t("staff.jobs")}
      onChange={onTable}
      expandable={{
        expandedRowRender: (job) => <JobDetail job={job} onOwner={(owner) => onChange({ owner })} />,
        expandIcon: ({ expanded, onExpand, record }) => (
          <button
            type="button"
            className={expanded ? "expand open" : "expand"}
            aria-expanded={expanded}
            aria-label={t("jobs.details", { title: record.title })}
            onClick={(event) => onExpand(record, event)}
          />
        ),
      }}
      {...(chosen && {
        rowSelection: {
          selectedRowKeys: chosen,
          onChange: onChoose,
          getCheckboxProps: (job) => ({ "aria-label": t("jobs.choose", { title: job.title }) }) as object,
          getTitleCheckboxProps: () => ({ "aria-label": t("jobs.chooseAll") }) as object,
        },
      })}
      onRow={(job) => ({ "data-job": job.video_id, "data-status": job.status }) as object}
    />
  );
}
