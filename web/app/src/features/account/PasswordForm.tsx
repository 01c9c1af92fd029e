import { LockOutlined } from "@ant-design/icons";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import type { User } from "../../auth/AuthContext.tsx";
import { useFeedback } from "../../ui/feedback.tsx";
import { Fault } from "./Fault.tsx";
import { NewPasswordField } from "./PasswordFields.tsx";
import { useProfileActions } from "./queries.ts";

interface Fields {
  current: string;
  password: string;
}

/** Sets another password. */
export function PasswordForm({ user }: { user: User }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const { password } = useProfileActions();
  const [form] = Form.useForm<Fields>();
  return (
    <section className="card" aria-labelledby="password-title">
      <h2 id="password-title">{t("password.title")}</h2>
      <p className="muted">{t("password.ends")}</p>
      <Fault error={password.error} />
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        disabled={password.isPending}
        onFinish={({ current, password: next }) =>
          password.mutate(
            { current, next },
            {
              onSuccess: () => {
                form.resetFields();
                void message.success(t("password.changed"));
              },
            },
          )
        }
      >
        {/* Password managers keep the new one under this name. */}
        <input type="text" autoComplete="username" value={user.email} readOnly hidden />
        <Form.Item
          name="current"
          label={t("password.current")}
          rules={[{ required: true, message: t("signIn.passwordMissing") }]}
        >
          <Input.Password prefix={<LockOutlined />} autoComplete="current-password" maxLength={1024} />
        </Form.Item>
        <NewPasswordField label={t("password.new")} />
        <Button type="primary" htmlType="submit" loading={password.isPending}>
          {t("password.submit")}
        </Button>
      </Form>
    </section>
  );
}
