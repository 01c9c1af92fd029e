import { Alert, Form, InputNumber, Modal, Progress, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useAuth } from "../../auth/AuthContext.tsx";
import { formatBytes } from "../../ui/format.ts";
import { useSentence } from "../../ui/sentence.ts";
import { type Account, useChangeUser, useRoles, useUsage } from "./queries.ts";
import { fieldsOf, type QuotaFields, quotaOf } from "./quotas.ts";

interface Fields extends QuotaFields {
  role: string;
}

/** Changes somebody's role and quotas, beside what they use of them. */
export function EditUserDialog({ user, onClose }: { user: Account; onClose: () => void }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const { can } = useAuth();
  const [form] = Form.useForm<Fields>();
  const roles = useRoles();
  const { mutate, isPending, error } = useChangeUser(user.user_id);
  const role = Form.useWatch("role", form);
  const hint = t("users.quotaDefault");
  return (
    <Modal
      open
      title={user.email}
      okText={t("save")}
      cancelText={t("cancel")}
      confirmLoading={isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {error && <Alert type="error" showIcon title={sentence(error)} role="alert" className="gap-below" />}
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{ role: user.role, ...fieldsOf(user.quota) }}
        onFinish={({ role: wanted, ...quota }) =>
          mutate(
            { ...(wanted !== user.role && { role: wanted }), quota: quotaOf(quota) },
            { onSuccess: onClose },
          )
        }
      >
        <Form.Item
          name="role"
          label={t("users.role")}
          extra={role && role !== user.role ? <span className="warn">{t("users.roleCloses")}</span> : null}
        >
          <Select
            loading={roles.isPending}
            options={(roles.data?.roles ?? []).map((one) => ({ value: one.role, label: one.role }))}
          />
        </Form.Item>
        <Form.Item name="storageGb" label={t("users.storageGb")} extra={hint}>
          <InputNumber min={0} style={{ width: "100%" }} />
        </Form.Item>
        <div className="columns">
          <Form.Item name="minutes" label={t("users.minutes")} extra={hint}>
            <InputNumber min={0} precision={0} style={{ width: "100%" }} />
          </Form.Item>
          <Form.Item name="parallelJobs" label={t("users.parallelJobs")} extra={hint}>
            <InputNumber min={0} precision={0} style={{ width: "100%" }} />
          </Form.Item>
        </div>
      </Form>
      {can("statistics.read") && <Usage userId={user.user_id} />}
    </Modal>
  );
}

function Usage({ userId }: { userId: string }) {
  const { t, i18n } = useTranslation();
  const { data } = useUsage(userId, true);
  if (!data) return null;
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const bytes = (value: number) => formatBytes(value, i18n.language);
  const rows = [
    { name: t("users.usedStorage"), use: data.storage_bytes, show: bytes },
    { name: t("users.usedMinutes"), use: data.minutes, show: number.format },
    { name: t("users.usedJobs"), use: data.parallel_jobs, show: number.format },
  ];
  return (
    <dl className="facts usage">
      {rows.map(({ name, use: { used, limit }, show }) => (
        <div key={name} className="usage-row">
          <dt>{name}</dt>
          <dd>
            {limit > 0 ? t("users.usedOf", { used: show(used), limit: show(limit) }) : show(used)}
            {limit > 0 && (
              <Progress
                percent={Math.min(100, Math.round((used / limit) * 100))}
                size="small"
                showInfo={false}
                aria-label={name}
              />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
