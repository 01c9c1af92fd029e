import { MailOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Form } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "../api/client.ts";
import { EmailField } from "../features/account/EmailField.tsx";
import { Fault } from "../features/account/Fault.tsx";
import { NewPasswordField } from "../features/account/PasswordFields.tsx";
import { useSignInOptions } from "../features/account/queries.ts";
import { EntryCard } from "../ui/EntryCard.tsx";
import { Outcome } from "../ui/Outcome.tsx";
import { useTitle } from "../ui/useTitle.ts";

interface Fields {
  email: string;
  password: string;
}

/** Makes an account, where people may. What it says is the same for every address. */
export function Component() {
  const { t, i18n } = useTranslation();
  const options = useSignInOptions();
  const { mutate, isPending, isSuccess, error, variables } = useMutation({
    mutationFn: ({ email, password }: Fields) =>
      ask(api.POST("/api/v1/auth/register", { body: { email, password, locale: i18n.language } })),
  });
  useTitle(t("register.title"));
  if (isSuccess) {
    return (
      <Outcome
        icon={<MailOutlined />}
        title={t(options?.mails ? "mail.look" : "register.done")}
        text={t(options?.mails ? "register.mail" : "register.doneText", { email: variables.email })}
      >
        <Link to="/sign-in">{t("mail.back")}</Link>
      </Outcome>
    );
  }
  const off = options?.registration === false;
  return (
    <EntryCard title={t("register.title")} text={t(off ? "register.off" : "register.text")}>
      <Fault error={error} />
      {!off && (
        <Form<Fields>
          layout="vertical"
          requiredMark={false}
          size="large"
          disabled={isPending}
          onFinish={({ email, password }) => mutate({ email: email.trim(), password })}
        >
          <EmailField />
          <NewPasswordField label={t("signIn.password")} />
          <Button type="primary" htmlType="submit" block loading={isPending}>
            {t("register.submit")}
          </Button>
        </Form>
      )}
      <p className="entry-links">
        <Link to="/sign-in">{t("mail.back")}</Link>
      </p>
    </EntryCard>
  );
}
