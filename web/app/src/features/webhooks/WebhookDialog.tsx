import { Alert, Checkbox, Form, Input, Modal, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { useAuth } from "../../auth/AuthContext.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { EVENTS, type Scope, useCreate, useEdit, type Webhook } from "./queries.ts";

interface Fields {
  scope: Scope;
  url: string;
  events: (typeof EVENTS)[number][];
  description: string;
}

interface Props {
  /** Null: a new one. */
  webhook: Webhook | null;
  onClose: () => void;
  onSecret: (secret: string) => void;
}

/** Makes a webhook, or changes one. */
export function WebhookDialog({ webhook, onClose, onSecret }: Props) {
  const { t } = useTranslation();
  const { can } = useAuth();
  const sentence = useSentence();
  const [form] = Form.useForm<Fields>();
  const create = useCreate();
  const edit = useEdit(webhook?.webhook_id ?? "");
  const error = create.error ?? edit.error;
  const save = ({ scope, events, ...rest }: Fields) => {
    if (webhook) {
      edit.mutate({ ...rest, events }, { onSuccess: onClose });
      return;
    }
    create.mutate(
      { ...rest, scope, events: events.length ? events : null },
      {
        onSuccess: ({ secret }) => {
          onClose();
          onSecret(secret);
        },
      },
    );
  };
  return (
    <Modal
      open
      title={t(webhook ? "hooks.edit" : "hooks.create")}
      okText={t("save")}
      cancelText={t("cancel")}
      confirmLoading={create.isPending || edit.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {error && <Alert type="error" showIcon title={sentence(error)} role="alert" className="gap-below" />}
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{
          scope: "own",
          url: webhook?.url ?? "",
          events: webhook?.events ?? [],
          description: webhook?.description ?? "",
        }}
        onFinish={save}
      >
        {!webhook && can("webhooks.manage_global") && (
          <Form.Item name="scope" label={t("hooks.whose")}>
            <Radio.Group
              optionType="button"
              options={(["own", "global"] as const).map((value) => ({
                value,
                label: t(`hooks.scope.${value}`),
              }))}
            />
          </Form.Item>
        )}
        <Form.Item
          name="url"
          label={t("hooks.url")}
          rules={[{ required: true, pattern: /^https:\/\/./, message: t("hooks.urlHint") }]}
          extra={t("hooks.urlHint")}
        >
          <Input type="url" autoComplete="off" />
        </Form.Item>
        <Form.Item name="events" label={t("hooks.events")} extra={t("hooks.eventsHint")}>
          <Checkbox.Group
            className="permission-boxes"
            options={EVENTS.map((value) => ({ value, label: t(`hooks.event.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name="description" label={t("video.description")}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
