import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAuth } from "../../auth/AuthContext.tsx";
import { useSocket } from "../../socket/WebSocketContext.tsx";
import { Failure } from "../../ui/Failure.tsx";
import { useSummary } from "../jobs/useJobs.ts";
import { useQueues } from "../queues/queries.ts";
import { type SocketStats, useHealth } from "./queries.ts";

type Look = "completed" | "failed" | "pending" | "cancelled";

interface Row {
  key: string;
  name: string;
  look: Look;
  text: string;
  to?: string;
}

/** Whether everything works: the API, the socket, transcodes, dead letters. */
export function SystemStatus({ sockets }: { sockets: SocketStats | undefined }) {
  const { t } = useTranslation();
  const { can } = useAuth();
  const health = useHealth();
  const { state } = useSocket();
  const staff = can("videos.read_any");
  const summary = useSummary(staff);
  const queues = useQueues(can("queues.manage"));
  const dead = queues.data?.dead_letters.reduce((sum, one) => sum + one.waiting + one.in_flight, 0);
  const live = state.name === "open";
  const rows: Row[] = [
    {
      key: "api",
      name: t("dashboard.api"),
      look: health.isPending ? "pending" : health.isSuccess ? "completed" : "failed",
      text: t(health.isSuccess ? "dashboard.works" : health.isPending ? "loading" : "dashboard.silent"),
    },
    {
      key: "socket",
      name: t("dashboard.socket"),
      look: live ? "completed" : "cancelled",
      text: live ? t("dashboard.open", { count: sockets?.total_connections ?? 0 }) : t("toast.disconnected"),
    },
  ];
  if (staff) {
    rows.push(
      {
        key: "failed",
        name: t("jobs.tile.failed"),
        look: summary.data ? (summary.data.failed ? "failed" : "completed") : "pending",
        text: String(summary.data?.failed ?? "…"),
        to: "/admin/jobs?state=failed&within=day",
      },
      {
        key: "waiting",
        name: t("jobs.tile.waiting"),
        look: "pending",
        text: String(summary.data?.waiting ?? "…"),
        to: "/admin/jobs?state=waiting",
      },
    );
  }
  if (dead !== undefined) {
    rows.push({
      key: "letters",
      name: t("letters.title"),
      look: dead ? "failed" : "completed",
      text: String(dead),
      to: "/admin/jobs?tab=letters",
    });
  }
  return (
    <section className="card" aria-labelledby="system-status">
      <h2 id="system-status">{t("dashboard.status")}</h2>
      <ul className="states">
        {rows.map(({ key, name, look, text, to }) => (
          <li key={key} data-state={look}>
            {to ? <Link to={to}>{name}</Link> : <span>{name}</span>}
            <span className={`status ${look}`}>{text}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How much waits in each queue. */
export function QueueDepths() {
  const { t, i18n } = useTranslation();
  const { data, error, refetch } = useQueues();
  const number = new Intl.NumberFormat(i18n.language);
  const dead = new Map(data?.dead_letters.map((one) => [one.name, one.waiting + one.in_flight]));
  return (
    <section className="card" aria-labelledby="queue-depths">
      <h2 id="queue-depths">{t("dashboard.queues")}</h2>
      {!data && !error && <Skeleton active title={false} />}
      {!data && error && <Failure error={error} onRetry={() => void refetch()} />}
      {data && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t("dashboard.queue")}</th>
              <th scope="col">{t("dashboard.waiting")}</th>
              <th scope="col">{t("dashboard.inFlight")}</th>
              <th scope="col">{t("letters.title")}</th>
            </tr>
          </thead>
          <tbody>
            {data.queues.map(({ name, waiting, delayed, in_flight }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{number.format(waiting + delayed)}</td>
                <td>{number.format(in_flight)}</td>
                <td className={dead.get(name) ? "bad" : ""}>{number.format(dead.get(name) ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
