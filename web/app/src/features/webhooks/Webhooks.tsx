import { PlusOutlined } from "@ant-design/icons";
import { Button, Empty, Skeleton, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import { formatAgo } from "../../ui/format.ts";
import { useWebhooks, type Webhook } from "./queries.ts";
import { SecretDialog } from "./SecretDialog.tsx";
import { WebhookActs } from "./WebhookActs.tsx";
import { WebhookDialog } from "./WebhookDialog.tsx";

/** The addresses that events are posted to. */
export function Webhooks() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useWebhooks();
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      <div className="list-head">
        <p className="muted">{t("hooks.text")}</p>
        <span className="grow" />
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
          {t("hooks.create")}
        </Button>
      </div>
      {isPending && <Skeleton active paragraph={{ rows: 5 }} />}
      {error && !data && <Failure error={error} onRetry={() => void refetch()} />}
      {data && !data.length && <Empty description={t("hooks.none")} />}
      <ul className="stack">
        {data?.map((one) => (
          <Item key={one.webhook_id} webhook={one} onSecret={setSecret} />
        ))}
      </ul>
      {creating && <WebhookDialog webhook={null} onClose={() => setCreating(false)} onSecret={setSecret} />}
      {secret && <SecretDialog secret={secret} onClose={() => setSecret(null)} />}
    </>
  );
}

function Item({ webhook, onSecret }: { webhook: Webhook; onSecret: (secret: string) => void }) {
  const { t, i18n } = useTranslation();
  const { enabled, disabled_reason, failing_since } = webhook;
  const look = !enabled ? "cancelled" : failing_since ? "failed" : "completed";
  return (
    <li className="card hook" data-url={webhook.url}>
      <p className="letters-head">
        <span className={`status ${look}`}>
          {t(!enabled ? "hooks.off" : failing_since ? "hooks.failing" : "hooks.on")}
        </span>
        <Tag>{t(`hooks.scope.${webhook.scope}`)}</Tag>
        {disabled_reason && <span className="warn">{t(`hooks.why.${disabled_reason}`)}</span>}
        {failing_since && (
          <span className="muted">{t("hooks.since", { ago: formatAgo(failing_since, i18n.language) })}</span>
        )}
        <span className="grow" />
        <WebhookActs webhook={webhook} onSecret={onSecret} />
      </p>
      <p className="hook-url">{webhook.url}</p>
      {webhook.description && <p className="muted">{webhook.description}</p>}
      <p className="permissions">
        {webhook.events?.length ? (
          webhook.events.map((one) => <Tag key={one}>{t(`hooks.event.${one}`)}</Tag>)
        ) : (
          <Tag>{t("hooks.everything")}</Tag>
        )}
      </p>
    </li>
  );
}
