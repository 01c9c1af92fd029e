import { Alert, Form, Input, Modal, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { useCreateUser, useRoles } from "./queries.ts";

interface Fields {
  email: string;
  password: string;
  role: string;
}

const SHORTEST_PASSWORD = 8;

/** Makes an account for somebody. */
export function CreateUserDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const [form] = Form.useForm<Fields>();
  const roles = useRoles();
  const { mutate, isPending, error } = useCreateUser();
  return (
    <Modal
      open
      title={t("users.create")}
      okText={t("users.create")}
      cancelText={t("cancel")}
      confirmLoading={isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {error && <Alert type="error" showIcon title={sentence(error)} role="alert" className="gap-below" />}
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{ role: "creator" }}
        onFinish={(body) =>
          mutate(body, {
            onSuccess: (user) => {
              onClose();
              void message.success(t("users.created", { email: user.email }));
            },
          })
        }
      >
        <Form.Item
          name="email"
          label={t("users.email")}
          rules={[{ required: true, type: "email", message: t("signIn.emailMissing") }]}
        >
          <Input type="email" autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t("signIn.password")}
          extra={t("users.passwordHint")}
          rules={[{ required: true, min: SHORTEST_PASSWORD, message: t("users.passwordHint") }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item name="role" label={t("users.role")}>
          <Select options={(roles.data?.roles ?? []).map(({ role }) => ({ value: role, label: role }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
