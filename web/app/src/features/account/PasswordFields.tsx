import { LockOutlined } from "@ant-design/icons";
import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { MIN_PASSWORD } from "./queries.ts";

/** A new password, typed once: it can be looked at. */
export function NewPasswordField({ label }: { label: string }) {
  const { t } = useTranslation();
  return (
    <Form.Item
      name="password"
      label={label}
      extra={t("password.hint", { count: MIN_PASSWORD })}
      rules={[
        { required: true, message: t("password.missing") },
        { min: MIN_PASSWORD, message: t("password.short", { count: MIN_PASSWORD }) },
      ]}
    >
      <Input.Password prefix={<LockOutlined />} autoComplete="new-password" maxLength={1024} />
    </Form.Item>
  );
}
