import { Result } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useTitle } from "../ui/useTitle.ts";

/** There is no such page. */
export function NotFoundPage() {
  const { t } = useTranslation();
  useTitle(t("notFound.title"));
  return (
    <Result
      status="404"
      title={<h1 className="result-title">{t("notFound.title")}</h1>}
      subTitle={t("notFound.text")}
      extra={<Link to="/">{t("home")}</Link>}
    />
  );
}
