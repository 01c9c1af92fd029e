import { CheckCircleOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Form } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { api, ask } from "../api/client.ts";
import { signIns } from "../auth/session.ts";
import { Fault } from "../features/account/Fault.tsx";
import { NewPasswordField } from "../features/account/PasswordFields.tsx";
import { tokenOf } from "../features/account/token.ts";
import { EntryCard } from "../ui/EntryCard.tsx";
import { Outcome } from "../ui/Outcome.tsx";
import { useTitle } from "../ui/useTitle.ts";

/** Where the mail for a forgotten password leads to. */
export function Component() {
  const { t } = useTranslation();
  const token = tokenOf(useLocation().hash);
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: async (body: { token: string; password: string }) => {
      await ask(api.POST("/api/v1/auth/reset-password", { body }));
      // It ended all sessions, and perhaps this browser's.
      if (signIns.id) await signIns.signOut();
    },
  });
  useTitle(t("reset.title"));
  if (isSuccess) {
    return (
      <Outcome
        icon={<CheckCircleOutlined className="good" />}
        title={t("reset.done")}
        text={t("reset.doneText")}
      >
        <Link to="/sign-in">{t("signIn.submit")}</Link>
      </Outcome>
    );
  }
  return (
    <EntryCard title={t("reset.title")} text={t(token ? "password.ends" : "mail.noToken")}>
      <Fault error={error} />
      {token ? (
        <Form<{ password: string }>
          layout="vertical"
          requiredMark={false}
          size="large"
          disabled={isPending}
          onFinish={({ password }) => mutate({ token, password })}
        >
          <NewPasswordField label={t("password.new")} />
          <Button type="primary" htmlType="submit" block loading={isPending}>
            {t("password.submit")}
          </Button>
        </Form>
      ) : (
        <Link to="/forgot-password">{t("forgot.link")}</Link>
      )}
    </EntryCard>
  );
}
