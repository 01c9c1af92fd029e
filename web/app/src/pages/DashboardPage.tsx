import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { useAuth } from "../auth/AuthContext.tsx";
import { Charts } from "../features/dashboard/Charts.tsx";
import { SPANS, type Span, useSockets } from "../features/dashboard/queries.ts";
import { QueueDepths, SystemStatus } from "../features/dashboard/SystemStatus.tsx";
import { oneOf, useAddress } from "../ui/useAddress.ts";
import { useTitle } from "../ui/useTitle.ts";
import "../ui/staff.css";

const NAMES = Object.keys(SPANS) as Span[];

/** How the site does, now and over time. */
export function Component() {
  const { t } = useTranslation();
  const { can } = useAuth();
  const [parameters, change] = useAddress();
  const sockets = useSockets();
  const span = oneOf(NAMES, parameters.get("span")) ?? "month";
  useTitle(t("staff.dashboard"));
  return (
    <div className="page">
      <div className="list-head">
        <h1>{t("staff.dashboard")}</h1>
        <span className="grow" />
        <Segmented<Span>
          aria-label={t("dashboard.span")}
          value={span}
          onChange={(chosen) => change({ span: chosen === "month" ? undefined : chosen })}
          options={NAMES.map((value) => ({ value, label: t(`dashboard.spans.${value}`) }))}
        />
      </div>
      <div className="states-and-queues">
        <SystemStatus sockets={sockets.data} />
        {can("queues.manage") && <QueueDepths />}
      </div>
      <Charts span={span} samples={sockets.samples} />
    </div>
  );
}
