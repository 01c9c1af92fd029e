import { useTranslation } from "react-i18next";
import { useAuth } from "../auth/AuthContext.tsx";
import { PasswordForm } from "../features/account/PasswordForm.tsx";
import { ProfileForm } from "../features/account/ProfileForm.tsx";
import { SessionList } from "../features/account/SessionList.tsx";
import { useTitle } from "../ui/useTitle.ts";
import "../features/account/account.css";

/** One's own account: profile, password, where one is signed in. */
export function Component() {
  const { t } = useTranslation();
  const { user } = useAuth();
  useTitle(t("account.yours"));
  if (!user) return null;
  return (
    <div className="page narrow account">
      <h1>{t("account.yours")}</h1>
      <ProfileForm user={user} />
      <PasswordForm user={user} />
      <SessionList />
    </div>
  );
}
