import { MailOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Form } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "../api/client.ts";
import { EmailField } from "../features/account/EmailField.tsx";
import { Fault } from "../features/account/Fault.tsx";
import { useSignInOptions } from "../features/account/queries.ts";
import { EntryCard } from "../ui/EntryCard.tsx";
import { Outcome } from "../ui/Outcome.tsx";
import { useTitle } from "../ui/useTitle.ts";

/** Has a mail sent by which a new password can be set. What it says is the same for every address. */
export function Component() {
  const { t } = useTranslation();
  const options = useSignInOptions();
  const { mutate, isPending, isSuccess, error, variables } = useMutation({
    mutationFn: (email: string) => ask(api.POST("/api/v1/auth/forgot-password", { body: { email } })),
  });
  useTitle(t("forgot.title"));
  if (isSuccess) {
    return (
      <Outcome icon={<MailOutlined />} title={t("mail.look")} text={t("forgot.done", { email: variables })}>
        <Link to="/sign-in">{t("mail.back")}</Link>
      </Outcome>
    );
  }
  const off = options?.mails === false;
  return (
    <EntryCard title={t("forgot.title")} text={t(off ? "forgot.off" : "forgot.text")}>
      <Fault error={error} />
      {!off && (
        <Form<{ email: string }>
          layout="vertical"
          requiredMark={false}
          size="large"
          disabled={isPending}
          onFinish={({ email }) => mutate(email.trim())}
        >
          <EmailField />
          <Button type="primary" htmlType="submit" block loading={isPending}>
            {t("forgot.submit")}
          </Button>
        </Form>
      )}
      <p className="entry-links">
        <Link to="/sign-in">{t("mail.back")}</Link>
      </p>
    </EntryCard>
  );
}
