import { LockOutlined, MailOutlined } from "@ant-design/icons";
import { ProblemError } from "@videosite/api";
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useSearchParams } from "react-router";
import { offline } from "../api/client.ts";
import { useAuth } from "../auth/AuthContext.tsx";
import { signIns } from "../auth/session.ts";
import { PageSkeleton } from "../ui/PageSkeleton.tsx";
import { useSentence } from "../ui/sentence.ts";
import { useTitle } from "../ui/useTitle.ts";

interface Fields {
  email: string;
  password: string;
}

/** A place of this site to go on to: an address with a host could lead anywhere. */
function placeOf(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/";
}

export function Component() {
  const { t } = useTranslation();
  const auth = useAuth();
  const sentence = useSentence();
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

  return (
    <div className="sign-in">
      <div className="card">
        <img src="/icon.svg" alt="" width={48} height={48} />
        <h1>{t("signIn.title")}</h1>
        <p className="muted">{t("signIn.text")}</p>
        <div role="alert">
          {error && <Alert type="error" showIcon title={sentence(error)} className="gap-below" />}
        </div>
        <Form<Fields> layout="vertical" requiredMark={false} onFinish={signIn} disabled={busy} size="large">
          <Form.Item
            name="email"
            label={t("signIn.email")}
            rules={[{ required: true, message: t("signIn.emailMissing") }]}
          >
            <Input prefix={<MailOutlined />} type="email" autoComplete="username" autoFocus />
          </Form.Item>
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
      </div>
    </div>
  );
}
