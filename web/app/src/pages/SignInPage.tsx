import { LockOutlined } from "@ant-design/icons";
import { ProblemError } from "@videosite/api";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useSearchParams } from "react-router";
import { offline } from "../api/client.ts";
import { useAuth } from "../auth/AuthContext.tsx";
import { signIns } from "../auth/session.ts";
import { EmailField } from "../features/account/EmailField.tsx";
import { Fault } from "../features/account/Fault.tsx";
import { useSignInOptions } from "../features/account/queries.ts";
import { ResendMail } from "../features/account/ResendMail.tsx";
import { EntryCard } from "../ui/EntryCard.tsx";
import { PageSkeleton } from "../ui/PageSkeleton.tsx";
import { useTitle } from "../ui/useTitle.ts";

interface Fields {
  email: string;
  password: string;
}

/** A place of this site to go on to: an address with a host could lead anywhere. */
function placeOf(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/";
}

/** Signing in, and the ways to an account or a new password where there are any. */
export function Component() {
  const { t } = useTranslation();
  const auth = useAuth();
  const options = useSignInOptions();
  const [form] = Form.useForm<Fields>();
  const [parameters] = useSearchParams();
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const next = placeOf(parameters.get("next"));
  useTitle(t("signIn.title"));
  // What is below is mounted anew once somebody is signed in.
  if (auth.status === "signed_in") return <Navigate to={next} replace />;
  if (auth.status === "unknown" && !auth.error) return <PageSkeleton />;

  async function signIn({ email, password }: Fields): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await signIns.signIn(email.trim(), password);
    } catch (failure) {
      setError(failure instanceof ProblemError ? failure : offline());
    } finally {
      setBusy(false);
    }
  }

  const unconfirmed = error instanceof ProblemError && error.code === "email_not_verified";
  return (
    <EntryCard title={t("signIn.title")} text={t("signIn.text")}>
      <Fault error={error} />
      {unconfirmed && <ResendMail email={form.getFieldValue("email")} />}
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={signIn}
        disabled={busy}
        size="large"
      >
        <EmailField />
        <Form.Item
          name="password"
          label={t("signIn.password")}
          rules={[{ required: true, message: t("signIn.passwordMissing") }]}
        >
          <Input.Password prefix={<LockOutlined />} autoComplete="current-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={busy}>
          {t("signIn.submit")}
        </Button>
      </Form>
      <p className="entry-links">
        {options?.mails && <Link to="/forgot-password">{t("forgot.link")}</Link>}
        {options?.registration && <Link to="/register">{t("register.link")}</Link>}
      </p>
    </EntryCard>
  );
}
