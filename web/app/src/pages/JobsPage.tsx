import { Badge, Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { useAuth } from "../auth/AuthContext.tsx";
import { Jobs } from "../features/jobs/Jobs.tsx";
import { DeadLetters } from "../features/queues/DeadLetters.tsx";
import { useQueues } from "../features/queues/queries.ts";
import { useAddress } from "../ui/useAddress.ts";
import { useTitle } from "../ui/useTitle.ts";
import "../ui/staff.css";

/** All transcodes, and what went wrong for good. */
export function Component() {
  const { t } = useTranslation();
  const { can } = useAuth();
  const [parameters, change] = useAddress();
  const operator = can("queues.manage");
  const queues = useQueues(operator);
  const dead = queues.data?.dead_letters.reduce((sum, one) => sum + one.waiting + one.in_flight, 0) ?? 0;
  useTitle(t("staff.jobs"));
  return (
    <div className="page">
      <h1>{t("staff.jobs")}</h1>
      {operator ? (
        <Tabs
          activeKey={parameters.get("tab") === "letters" ? "letters" : "jobs"}
          onChange={(tab) => change({ tab: tab === "jobs" ? undefined : tab })}
          destroyOnHidden
          items={[
            {
              key: "jobs",
              label: t("jobs.title"),
              children: (
                <div className="stack">
                  <Jobs />
                </div>
              ),
            },
            {
              key: "letters",
              label: (
                <Badge count={dead} offset={[12, 0]} size="small">
                  {t("letters.title")}
                </Badge>
              ),
              children: (
                <div className="stack">
                  <DeadLetters />
                </div>
              ),
            },
          ]}
        />
      ) : (
        <Jobs />
      )}
    </div>
  );
}
