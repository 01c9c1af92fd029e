import { ReloadOutlined, StopOutlined } from "@ant-design/icons";
import { Button, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { type Action, allows, useBulk } from "./bulk.ts";
import type { Job } from "./useJobs.ts";

interface Props {
  /** Those that are chosen. */
  jobs: readonly Job[];
  onDone: () => void;
}

/** What can be done with the chosen transcodes. Each act says first how many it is about. */
export function BulkBar({ jobs, onDone }: Props) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const bulk = useBulk();
  const run = (action: Action, wanted: readonly Job[]) =>
    bulk.mutate(
      { action, jobs: wanted },
      {
        onSuccess: ({ done, failures }) => {
          if (done) void message.success(t(`jobs.bulk.${action}Done`, { count: done }));
          for (const { error, count } of failures) {
            void message.error(t("jobs.bulk.failed", { count, why: sentence(error) }));
          }
          onDone();
        },
      },
    );
  return (
    <div className="bulk" role="toolbar" aria-label={t("jobs.bulk.title")}>
      <span>{t("jobs.bulk.chosen", { count: jobs.length })}</span>
      {(["retry", "cancel"] as const).map((action) => {
        const wanted = jobs.filter((job) => allows(action, job));
        const count = wanted.length;
        return (
          <Popconfirm
            key={action}
            title={t(`jobs.bulk.${action}Sure`, { count })}
            okText={t(`jobs.bulk.${action}`, { count })}
            okButtonProps={{ danger: action === "cancel" }}
            cancelText={t("keep")}
            onConfirm={() => run(action, wanted)}
            disabled={!count}
          >
            <Button
              icon={action === "retry" ? <ReloadOutlined /> : <StopOutlined />}
              disabled={!count}
              loading={bulk.isPending && bulk.variables.action === action}
            >
              {t(`jobs.bulk.${action}`, { count })}
            </Button>
          </Popconfirm>
        );
      })}
      <Button type="text" onClick={onDone}>
        {t("jobs.bulk.none")}
      </Button>
    </div>
  );
}
