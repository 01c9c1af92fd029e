import { Alert, Checkbox, Form, Input, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { useAuth } from "../../auth/AuthContext.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { type Role, useSaveRole } from "./queries.ts";

interface Fields {
  role: string;
  description: string;
  permissions: string[];
}

/** The API's own rule. */
const NAME = /^[a-z][a-z0-9_-]{1,31}$/;
const MAX_DESCRIPTION = 200;

interface Props {
  /** Null: a new one. */
  role: Role | null;
  permissions: string[];
  taken: string[];
  onClose: () => void;
}

/** Makes a role, or changes what one may do: nobody gives what they do not have. */
export function RoleDialog({ role, permissions, taken, onClose }: Props) {
  const { t } = useTranslation();
  const { can } = useAuth();
  const sentence = useSentence();
  const [form] = Form.useForm<Fields>();
  const { mutate, isPending, error } = useSaveRole();
  return (
    <Modal
      open
      title={role ? t("roles.edit", { role: role.role }) : t("roles.create")}
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
        initialValues={role ?? { role: "", description: "", permissions: [] }}
        onFinish={(values) => mutate({ ...values, role: role?.role ?? values.role }, { onSuccess: onClose })}
      >
        {!role && (
          <Form.Item
            name="role"
            label={t("roles.name")}
            extra={t("roles.nameHint")}
            rules={[
              { required: true, pattern: NAME, message: t("roles.nameHint") },
              {
                validator: (_, name: string) =>
                  taken.includes(name) ? Promise.reject(new Error(t("roles.taken"))) : Promise.resolve(),
              },
            ]}
          >
            <Input autoComplete="off" />
          </Form.Item>
        )}
        <Form.Item name="description" label={t("video.description")}>
          <Input maxLength={MAX_DESCRIPTION} />
        </Form.Item>
        <Form.Item name="permissions" label={t("roles.permissions")}>
          <Checkbox.Group
            className="permission-boxes"
            options={permissions.map((one) => ({ value: one, label: one, disabled: !can(one) }))}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
