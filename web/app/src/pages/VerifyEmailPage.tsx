import { CheckCircleOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { api, ask } from "../api/client.ts";
import { Fault } from "../features/account/Fault.tsx";
import { tokenOf } from "../features/account/token.ts";
import { EntryCard } from "../ui/EntryCard.tsx";
import { Outcome } from "../ui/Outcome.tsx";
import { useTitle } from "../ui/useTitle.ts";

/** Where the mail that confirms an address leads to. It asks: programs that look through mails open links, too. */
export function Component() {
  const { t } = useTranslation();
  const token = tokenOf(useLocation().hash);
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: (key: string) => ask(api.POST("/api/v1/auth/verify-email", { body: { token: key } })),
  });
  useTitle(t("verify.title"));
  if (isSuccess) {
    return (
      <Outcome
        icon={<CheckCircleOutlined className="good" />}
        title={t("verify.done")}
        text={t("verify.doneText")}
      >
        <Link to="/sign-in">{t("signIn.submit")}</Link>
      </Outcome>
    );
  }
  return (
    <EntryCard title={t("verify.title")} text={t(token ? "verify.text" : "mail.noToken")}>
      <Fault error={error} />
      {token && (
        <Button type="primary" size="large" block loading={isPending} onClick={() => mutate(token)}>
          {t("verify.submit")}
        </Button>
      )}
    </EntryCard>
  );
}
