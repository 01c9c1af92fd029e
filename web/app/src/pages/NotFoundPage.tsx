import { CompassOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Outcome } from "../ui/Outcome.tsx";
import { useTitle } from "../ui/useTitle.ts";

/** There is no such page. */
export function NotFoundPage() {
  const { t } = useTranslation();
  useTitle(t("notFound.title"));
  return (
    <Outcome icon={<CompassOutlined />} title={t("notFound.title")} text={t("notFound.text")}>
      <Link to="/">{t("home")}</Link>
    </Outcome>
  );
}
