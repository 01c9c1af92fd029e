import { MailOutlined } from "@ant-design/icons";
import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";

/** An address, of which the server says whether it is one. */
export function EmailField() {
  const { t } = useTranslation();
  return (
    <Form.Item
      name="email"
      label={t("signIn.email")}
      rules={[{ required: true, whitespace: true, message: t("signIn.emailMissing") }]}
    >
      <Input prefix={<MailOutlined />} type="email" autoComplete="username" autoFocus maxLength={300} />
    </Form.Item>
  );
}
