import { Button, Empty, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import { formatDollars, formatMoment } from "../../ui/format.ts";
import { useSentence } from "../../ui/sentence.ts";
import { TaskTable } from "./TaskTable.tsx";
import { TimelineChart } from "./TimelineChart.tsx";
import { type Job, useJob } from "./useJobs.ts";

interface Props {
  job: Job;
  onOwner: (owner: string) => void;
}

/** What is behind a transcode: facts, its tasks over time, those that went wrong, what it cost. */
export function JobDetail({ job, onOwner }: Props) {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const { data, error, isPending, refetch } = useJob(job);
  const moment = (text: string | null) => (text ? formatMoment(text, i18n.language) : "–");
  return (
    <div className="job-detail">
      {job.error && (
        <p className="transcode-error">
          {sentence(job.error)} <code>{job.error.code}</code>
        </p>
      )}
      <dl className="facts">
        <dt>{t("jobs.owner")}</dt>
        <dd>
          <Button type="link" size="small" onClick={() => onOwner(job.owner_id)}>
            {job.owner_id}
          </Button>
        </dd>
        <dt>{t("jobs.generation")}</dt>
        <dd>{t("jobs.generationAndRun", { generation: job.generation, run: job.run })}</dd>
        <dt>{t("upload.ladder")}</dt>
        <dd>{t(`ladder.${job.ladder as "fast"}`, { defaultValue: job.ladder })}</dd>
        <dt>{t("jobs.priority")}</dt>
        <dd>{t(`jobs.priorities.${job.priority}`)}</dd>
        <dt>{t("video.created")}</dt>
        <dd>{moment(job.created_at)}</dd>
        <dt>{t("jobs.started")}</dt>
        <dd>{data ? moment(data.started_at) : "…"}</dd>
        <dt>{t("jobs.finished")}</dt>
        <dd>{moment(job.finished_at)}</dd>
        <dt>{t("jobs.cost")}</dt>
        <dd>{job.cost_usd === null ? "–" : formatDollars(job.cost_usd, i18n.language)}</dd>
      </dl>
      {isPending && <Skeleton active title={false} paragraph={{ rows: 3 }} />}
      {error && !data && <Failure error={error} onRetry={() => void refetch()} />}
      {data && !data.tasks.length && (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("jobs.noTasks")} />
      )}
      {data && data.tasks.length > 0 && (
        <>
          <TimelineChart tasks={data.tasks} running={data.job.status === "processing"} />
          <TaskTable tasks={data.tasks} />
        </>
      )}
    </div>
  );
}
