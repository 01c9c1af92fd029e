import { LockOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Link, Navigate, Outlet, useLocation } from "react-router";
import { useAuth } from "../auth/AuthContext.tsx";
import { Failure } from "../ui/Failure.tsx";
import { Outcome } from "../ui/Outcome.tsx";
import { PageSkeleton } from "../ui/PageSkeleton.tsx";

/**
 * What is inside, for those who have a permission; without one, for all who are signed in. Others sign in, or are
 * told that they may not.
 */
export function Need({ permission }: { permission?: string }) {
  const { t } = useTranslation();
  const { status, error, retry, can } = useAuth();
  const { pathname, search } = useLocation();
  if (status === "signed_out") {
    return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
  }
  if (error) return <Failure page error={error} onRetry={retry} />;
  if (status === "unknown") return <PageSkeleton />;
  if (!permission || can(permission)) return <Outlet />;
  return (
    <Outcome icon={<LockOutlined />} title={t("forbidden.title")} text={t("forbidden.text")}>
      <Link to="/">{t("home")}</Link>
    </Outcome>
  );
}
