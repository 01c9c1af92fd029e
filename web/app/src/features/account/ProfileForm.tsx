import { CheckCircleFilled, WarningFilled } from "@ant-design/icons";
import { Button, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/client.ts";
import { LANGUAGE_NAMES, LANGUAGES } from "../../app/preferences.ts";
import type { User } from "../../auth/AuthContext.tsx";
import { useFeedback } from "../../ui/feedback.tsx";
import { AvatarField } from "./AvatarField.tsx";
import { Fault } from "./Fault.tsx";
import { useProfileActions } from "./queries.ts";
import { ResendMail } from "./ResendMail.tsx";

/** How one is shown to others, and in which language one is written to. */
export function ProfileForm({ user }: { user: User }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const { profile } = useProfileActions();
  const languages = LANGUAGES.map((value) => ({
    value: value as string,
    label: LANGUAGE_NAMES[value] as string,
  }));
  if (user.locale && !languages.some(({ value }) => value === user.locale)) {
    languages.push({ value: user.locale, label: user.locale });
  }
  return (
    <section className="card" aria-labelledby="profile-title">
      <h2 id="profile-title">{t("profile.title")}</h2>
      <AvatarField user={user} />
      <div>
        <span className="muted">{t("signIn.email")}</span>
        <p className="profile-email">
          {user.email}{" "}
          {user.email_verified ? (
            <span className="good">
              <CheckCircleFilled /> {t("profile.confirmed")}
            </span>
          ) : (
            <span className="warn">
              <WarningFilled /> {t("profile.unconfirmed")}
            </span>
          )}
        </p>
        {!user.email_verified && <ResendMail email={user.email} />}
      </div>
      <Fault error={profile.error} />
      <Form<Schema<"Profile">>
        layout="vertical"
        requiredMark={false}
        disabled={profile.isPending}
        initialValues={{
          display_name: user.display_name ?? "",
          biography: user.biography ?? "",
          locale: user.locale ?? undefined,
        }}
        onFinish={(values) =>
          profile.mutate(
            { ...values, locale: values.locale ?? null },
            { onSuccess: () => void message.success(t("profile.saved")) },
          )
        }
      >
        <Form.Item name="display_name" label={t("profile.name")} extra={t("profile.nameHint")}>
          <Input maxLength={100} autoComplete="name" />
        </Form.Item>
        <Form.Item name="biography" label={t("profile.biography")}>
          <Input.TextArea maxLength={2000} showCount autoSize={{ minRows: 3, maxRows: 8 }} />
        </Form.Item>
        <Form.Item name="locale" label={t("profile.locale")}>
          <Select allowClear placeholder={t("edit.none")} options={languages} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={profile.isPending}>
          {t("save")}
        </Button>
      </Form>
    </section>
  );
}
