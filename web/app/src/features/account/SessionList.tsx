import { LogoutOutlined } from "@ant-design/icons";
import { Button, Popconfirm, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/client.ts";
import { Failure } from "../../ui/Failure.tsx";
import { useFeedback } from "../../ui/feedback.tsx";
import { formatAgo } from "../../ui/format.ts";
import { useSentence } from "../../ui/sentence.ts";
import { deviceName } from "./device.ts";
import { useSessionActions, useSessions } from "./queries.ts";

/** Where one is signed in, and how to end that. */
export function SessionList() {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const { data, error, isPending, refetch } = useSessions();
  const { end, endAll } = useSessionActions();
  const onError = (failure: Error) => void message.error(sentence(failure));
  return (
    <section className="card" aria-labelledby="sessions-title">
      <div className="session-head">
        <h2 id="sessions-title">{t("sessions.title")}</h2>
        <Popconfirm
          title={t("sessions.endAllSure")}
          okText={t("sessions.endAll")}
          okButtonProps={{ danger: true }}
          cancelText={t("cancel")}
          onConfirm={() => endAll.mutate(undefined, { onError })}
        >
          <Button danger icon={<LogoutOutlined />} loading={endAll.isPending}>
            {t("sessions.endAll")}
          </Button>
        </Popconfirm>
      </div>
      <p className="muted">{t("sessions.text")}</p>
      {isPending && <Skeleton active title={false} paragraph={{ rows: 4 }} />}
      {error && !data && <Failure error={error} onRetry={() => void refetch()} />}
      <ul>
        {data?.map((one) => (
          <SessionRow
            key={one.session_id}
            session={one}
            busy={end.isPending && end.variables === one.session_id}
            onEnd={() => end.mutate(one.session_id, { onError })}
          />
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  session: Schema<"Session">;
  busy: boolean;
  onEnd: () => void;
}

function SessionRow({ session, busy, onEnd }: RowProps) {
  const { t, i18n } = useTranslation();
  const device = session.agent ? deviceName(session.agent) : t("sessions.unknown");
  return (
    <li className="session" data-current={session.current}>
      <div className="session-what">
        <strong title={session.agent ?? ""}>{device}</strong>
        <p className="video-facts muted">
          {session.address && <span>{session.address}</span>}
          <span>{t("sessions.used", { when: formatAgo(session.used_at, i18n.language) })}</span>
          <span>{t("sessions.since", { when: formatAgo(session.created_at, i18n.language) })}</span>
        </p>
      </div>
      {session.current ? (
        <span className="good">{t("sessions.current")}</span>
      ) : (
        <Popconfirm
          title={t("sessions.endSure", { device })}
          okText={t("sessions.end")}
          cancelText={t("cancel")}
          onConfirm={onEnd}
        >
          <Button size="small" loading={busy} aria-label={t("sessions.endOf", { device })}>
            {t("sessions.end")}
          </Button>
        </Popconfirm>
      )}
    </li>
  );
}
